package kusto_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/fake/kusto"
)

func TestItReadsTheLanguage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	db := kusto.Database{"T": {
		Columns: []kusto.Column{{Name: "Time", Type: "datetime"}, {Name: "User", Type: "string"}, {Name: "N", Type: "long"}},
		Rows: []map[string]any{
			{"Time": at, "User": `CORP\alice`, "N": 1.0}, {"Time": at.Add(time.Hour), "User": "bob", "N": 2.0}, {"Time": at.Add(2 * time.Hour), "User": "Alice", "N": 3.0},
		},
	}}
	for q, want := range map[string]string{
		`T | where User has "alice" | count`:                                                                "[map[Count:2]]",
		`T | where User =~ 'alice' | count`:                                                                 "[map[Count:1]]",
		`T | where User in~ ("BOB", "x") and N >= 2 | count`:                                                "[map[Count:1]]",
		"T // where nobody\n| where User == @\"CORP\\alice\" | count":                                       "[map[Count:1]]",
		`T | where User == h"CORP\\ali" "ce" | count`:                                                       "[map[Count:1]]",
		`T | where N has "1" | count`:                                                                       "SEM0025",
		`T | where Nobody == 1`:                                                                             "SEM0100",
		`T | where column_ifexists("Nobody", "") == "" | count`:                                             "[map[Count:3]]",
		`T | where tolong(column_ifexists("N", long(null))) == 2 | take 1 | count`:                          "[map[Count:1]]",
		`T | where Time between (datetime(2026-03-01T12:30:00Z) .. datetime(2026-03-01T14:00:00Z)) | count`: "[map[Count:2]]",
		`T | summarize n=count(), a=countif(User has "alice")`:                                              "[map[a:2 n:3]]",
		`U | take 1`: "SEM0100: Failed to resolve table",
		`union isfuzzy=true (U | take 1), (T | take 2) | count`: "[map[Count:2]]",
		`union isfuzzy=true (U | take 1)`:                       "SEM0139",
		`T | where User == "x`:                                  "does not end",
		"T | where User == \"x\ny\"":                            "ends with its line",
		`T | where User == "\q"`:                                "an escape",
		`T | frobnicate`:                                        "no operator",
		`T | take 1; drop`:                                      "unexpected",
	} {
		got, err := db.Query(q)
		if err != nil {
			if !errors.Is(err, kusto.ErrQuery) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", q, err)
			}
		} else if s := fmt.Sprint(got.Rows); s != want {
			t.Errorf("%s: %s", q, s)
		}
	}
}
