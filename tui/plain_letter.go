package tui

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
)

// sayWriteBack shows what would be written, and with a word more and its confirmation writes it, or takes it back.
func (t *talk) sayWriteBack(ctx context.Context, rest string) error {
	w := t.desk.Writer
	switch {
	case t.file == nil:
		return errNoneOpen
	case w == nil:
		return errors.New("there is nowhere to write to")
	case rest != "" && rest != "execute" && rest != "undo":
		return fmt.Errorf("writeback %s: not execute or undo", rest)
	}
	id := t.file.Row.ID
	if rest == "undo" {
		if err := t.again("undo", "take back what was written about "+id); err != nil {
			return err
		}
		return w.TakeBack(ctx, id, t.receipt)
	}
	l, err := w.Drafts(ctx, id)
	if err != nil {
		return err
	}
	if l.Why != "" {
		t.line("%s", l.Why)
	}
	t.lines(render.WrittenLines(t.width, l.Items))
	switch {
	case rest == "":
		return nil
	case !l.writable():
		return errors.New("nothing would be written")
	}
	if err := t.again("write", "write what is shown to "+render.Plural(int64(len(l.Items)), "item", "items")); err != nil {
		return err
	}
	return w.Write(ctx, id, l.Items, t.receipt)
}

// receipt says a receipt.
func (t *talk) receipt(r respond.Receipt) {
	list := render.ReceiptLines(t.width, "", []respond.Receipt{r})
	t.lines(list[1 : len(list)-1])
}
