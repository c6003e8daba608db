package casebook

// Pool lets a test change the settings of the one connection that remains.
func (b *Book) Pool(statement string) error {
	b.db.SetMaxOpenConns(1)
	_, err := b.db.Exec(statement)
	return err
}
