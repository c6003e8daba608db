package files_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/source/files"
	"github.com/seed-959697dd/soc/investigate"
)

// kinds of logs that a folder is made of, and how many tenths of it each is.
var kinds = []struct {
	name  string
	share int
	line  func(b *bytes.Buffer, r *rand.Rand, t time.Time, value string)
}{
	{"windows.ndjson", 3, func(b *bytes.Buffer, r *rand.Rand, t time.Time, value string) {
		fmt.Fprintf(b, `{"@timestamp":"%s","EventID":%d,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws-%04d.example.com","ProcessGuid":"{%08x-%04x-%04x-0000-%012x}","ProcessId":%d,"Image":"C:\\Windows\\System32\\%s.exe","CommandLine":"%s --%s %d %s","User":"EXAMPLE\\%s","Hashes":"SHA256=%016x%016x%016x%016x","ParentImage":"C:\\Program Files\\%s\\%s.exe","LogonId":"0x%x"}`+"\n",
			t.Format(time.RFC3339Nano), 1+r.IntN(26), r.IntN(3000), r.Uint32(), r.IntN(1<<16), r.IntN(1<<16), r.Uint64()&(1<<48-1), r.IntN(20000), word(r, 7), word(r, 5), word(r, 8), r.IntN(1000), value, word(r, 6), r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64(), word(r, 8), word(r, 6), r.IntN(1<<24))
	}},
	{"eve.json", 2, func(b *bytes.Buffer, r *rand.Rand, t time.Time, value string) {
		fmt.Fprintf(b, `{"timestamp":"%s","flow_id":%d,"event_type":"http","src_ip":"10.%d.%d.%d","src_port":%d,"dest_ip":"198.51.100.%d","dest_port":443,"proto":"TCP","http":{"hostname":"%s.example.net","url":"/%s/%s?%s","http_user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64)","status":200,"length":%d}}`+"\n",
			t.Format("2006-01-02T15:04:05.000000-0700"), r.Uint64(), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(65536), r.IntN(256), word(r, 9), word(r, 5), word(r, 8), value, r.IntN(100000))
	}},
	{"access.log", 2, func(b *bytes.Buffer, r *rand.Rand, t time.Time, value string) {
		fmt.Fprintf(b, `10.%d.%d.%d - %s [%s] "GET /%s/%s?q=%s HTTP/1.1" 200 %d "https://www.example.com/%s" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"`+"\n",
			r.IntN(256), r.IntN(256), r.IntN(256), word(r, 6), t.Format("02/Jan/2006:15:04:05 -0700"), word(r, 5), word(r, 8), value, r.IntN(100000), word(r, 7))
	}},
	{"syslog", 1, func(b *bytes.Buffer, r *rand.Rand, t time.Time, value string) {
		fmt.Fprintf(b, "%s srv%02d sshd[%d]: Accepted publickey for %s from 10.%d.%d.%d port %d ssh2 %s\n",
			t.Format(time.Stamp), r.IntN(50), r.IntN(65536), word(r, 6), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(65536), value)
	}},
	{"audit.log", 1, func(b *bytes.Buffer, r *rand.Rand, t time.Time, value string) {
		fmt.Fprintf(b, `type=SYSCALL msg=audit(%d.%03d:%d): arch=c000003e syscall=59 success=yes exit=0 ppid=%d pid=%d auid=1000 uid=0 comm="%s" exe="/usr/bin/%s" key="%s"`+"\n",
			t.Unix(), r.IntN(1000), r.IntN(1<<24), r.IntN(65536), r.IntN(65536), word(r, 5), word(r, 5), value)
	}},
	{"conn.log", 1, func(b *bytes.Buffer, r *rand.Rand, t time.Time, value string) {
		fmt.Fprintf(b, "%d.%06d\tC%s%s\t10.%d.%d.%d\t%d\t198.51.100.%d\t443\ttcp\t%s\t%d\t%d\n",
			t.Unix(), r.IntN(1000000), word(r, 8), word(r, 8), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(65536), r.IntN(256), value+"-", r.IntN(100000), r.IntN(100000))
	}},
}

const zeekConn = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\torig_bytes\tresp_bytes\n#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tcount\tcount\n"

func word(r *rand.Rand, n int) string {
	const syllables = "babebicodadefogahoinkalomanoorparasetaunviwa"
	var b strings.Builder
	for b.Len() < n {
		at := 2 * r.IntN(len(syllables)/2)
		b.WriteString(syllables[at : at+2])
	}
	return b.String()
}

// wanted are the values to search for, of the kinds that an investigation asks for.
func wanted(r *rand.Rand, n int) (list []investigate.Term) {
	of := []func() string{
		func() string { return fmt.Sprintf("203.0.%d.%d", r.IntN(256), r.IntN(256)) },
		func() string { return fmt.Sprintf("%s%d.example.org", word(r, 6), r.IntN(100)) },
		func() string { return "lab-" + word(r, 7) },
		func() string { return fmt.Sprintf("DESK-%05d", r.IntN(100000)) },
		func() string { return fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()) },
		func() string { return word(r, 9) + ".exe" },
	}
	for i := range n {
		list = append(list, investigate.Term{Kind: "file", Value: of[i%len(of)]()})
	}
	return list
}

// folder writes logs of about so many bytes, every hundred-thousandth line of which holds a value.
func folder(t testing.TB, size int64, list []investigate.Term) (dir string) {
	t.Helper()
	dir = t.TempDir()
	const each = 256 << 20
	for i := range kinds {
		k := &kinds[i]
		for left, n := size*int64(k.share)/10, 0; left > 0; left, n = left-each, n+1 {
			logFile(t, filepath.Join(dir, fmt.Sprintf("%d-%s", n, k.name)), min(left, each), i, n, list)
		}
	}
	return dir
}

// logFile writes 8 MiB of lines again and again, with other lines between that hold values. The clock stands still within them.
func logFile(t testing.TB, path string, size int64, kind, seed int, list []investigate.Term) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(uint64(kind), uint64(seed)))
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if kinds[kind].name == "conn.log" {
		_, _ = w.WriteString(zeekConn)
	}
	var same, b bytes.Buffer
	for same.Len() < 8<<20 && int64(same.Len()) < size {
		kinds[kind].line(&same, r, at, word(r, 5))
	}
	for written := int64(0); written < size; {
		at = at.Add(time.Minute)
		b.Reset()
		kinds[kind].line(&b, r, at, list[r.IntN(len(list))].Value)
		_, _ = w.Write(b.Bytes())
		n, err := w.Write(same.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		written += int64(n)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkFolder searches a folder of logs for 200 values, and has ripgrep count the same literals in it, when it is there. SOC_LOGS_MB says how
// large the folder is. The files are in the page cache, as far as that reaches.
func BenchmarkFolder(b *testing.B) {
	mb := 256
	if s := os.Getenv("SOC_LOGS_MB"); s != "" {
		mb, _ = strconv.Atoi(s)
	}
	list := wanted(rand.New(rand.NewPCG(5, 6)), 200)
	dir := folder(b, int64(mb)<<20, list)
	size := sizeOf(b, dir)
	set := formats(b)
	b.Run("soc", func(b *testing.B) {
		b.SetBytes(size)
		debug.FreeOSMemory()
		forget(b)
		before := spent()
		for b.Loop() {
			s := open(b, []string{dir}, files.Options{Formats: set})
			found := 0
			answer, err := s.Search(context.Background(), investigate.Query{Terms: list}, func(*alert.Alert) error {
				found++
				return nil
			})
			if err != nil || found == 0 || len(answer.Gaps) > 0 {
				b.Fatalf("%d records, %v, %v", found, answer.Gaps, err)
			}
			b.ReportMetric(float64(found), "records")
		}
		b.ReportMetric(float64(peak(b))/(1<<20), "MiB-peak")
		b.ReportMetric((spent()-before).Seconds()*1e9/float64(size)/float64(b.N), "cpu-s/GB")
	})
	b.Run("soc, one value in every third line", func(b *testing.B) {
		b.SetBytes(size)
		before := spent()
		for b.Loop() {
			s := open(b, []string{dir}, files.Options{Formats: set})
			q := investigate.Query{Terms: append(list[:len(list):len(list)], investigate.Term{Kind: "file", Value: "example.com"}), Most: 1000}
			if answer, err := s.Search(context.Background(), q, func(*alert.Alert) error { return nil }); err != nil || answer.Counts[len(list)] < 1000 {
				b.Fatal(answer.Counts, err)
			}
		}
		b.ReportMetric((spent()-before).Seconds()*1e9/float64(size)/float64(b.N), "cpu-s/GB")
	})
	for _, how := range []string{"-F", "-iF"} {
		b.Run("ripgrep "+how, func(b *testing.B) {
			rg, err := exec.LookPath("rg")
			if err != nil {
				b.Skip("ripgrep is not here: apt-get install ripgrep")
			}
			literals := filepath.Join(b.TempDir(), "literals")
			var text strings.Builder
			for _, t := range list {
				text.WriteString(t.Value + "\n")
			}
			if err := os.WriteFile(literals, []byte(text.String()), 0o600); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			var cpu time.Duration
			for b.Loop() {
				c := exec.Command(rg, how, "-c", "-uuu", "-f", literals, dir)
				if out, err := c.Output(); err != nil || len(out) == 0 {
					b.Fatalf("%v: %s", err, out)
				}
				cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
			}
			b.ReportMetric(cpu.Seconds()*1e9/float64(size)/float64(b.N), "cpu-s/GB")
		})
	}
}

func sizeOf(t testing.TB, dir string) (sum int64) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if st, err := e.Info(); err == nil {
			sum += st.Size()
		}
	}
	return sum
}

// forget makes the system measure the peak of memory anew; where it cannot, the peak is that of the process.
func forget(testing.TB) { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// spent is the time that all cores worked for this process, as far as the system tells.
func spent() time.Duration {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// peak is the most memory that the process had, in bytes; 0: unknown.
func peak(testing.TB) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}
