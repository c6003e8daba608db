package stream_test

import "testing"

func TestW3C(t *testing.T) {
	t.Parallel()
	check(t, map[string]example{
		"rows, what is unset left out": {in: "#Version: 1.0\r\n#Fields: date c-ip cs(Referer)\r\n2026-02-10 192.0.2.7 -\r\n2026-02-11 192.0.2.8 a+b\r\n", want: []string{
			`3:47 2026-02-10 192.0.2.7 - => {"date":"2026-02-10","c-ip":"192.0.2.7"}`,
			`4:71 2026-02-11 192.0.2.8 a+b => {"date":"2026-02-11","c-ip":"192.0.2.8","cs(Referer)":"a+b"}`,
		}},
		"tabs, a field in quotes, another header": {in: "#Fields: a b\n1\t\"x y\"\n#Software: again\n#Fields: b c d\n1 2 3\n", want: []string{
			`2:13 1	"x y" => {"a":"1","b":"x y"}`,
			`5:53 1 2 3 => {"b":"1","c":"2","d":"3"}`,
		}},
		"a row that is cut": {in: "#Fields: a b\n1 2 3\n1", want: []string{
			"2:13+5! row has another number of fields than the header",
			"3:19+1! row has another number of fields than the header",
		}},
		"a comment is no header": {in: "#Version: 1\nplain text\n", want: []string{"1:0 #Version: 1", "2:12 plain text"}},
	})
}
