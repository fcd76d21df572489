package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	htmltext "html"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// browser finds a Chromium, or skips.
func browser(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium on this machine: the page is not looked at by a browser")
	return ""
}

// dump opens a page and returns its document after 20 seconds of its time, and what the console said.
func dump(t *testing.T, url string, flags ...string) (document, console string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	flags = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
		"--disable-default-apps", "--disable-extensions", "--disable-sync", "--no-first-run", "--no-pings", "--disable-dev-shm-usage",
		"--user-data-dir=" + t.TempDir(), "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom",
	}, flags...)
	command := exec.CommandContext(ctx, browser(t), append(flags, url)...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Skipf("Chromium does not run here (%v): %.300s", err, stderr.String())
	}
	var said []string
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") {
			said = append(said, line)
		}
	}
	return stdout.String(), strings.Join(said, "")
}

var verdictPattern = regexp.MustCompile(`<pre id="verdict">(.*)</pre>`)

// verdict is what testdata/audit.html says about a page.
type verdict struct {
	Dark     bool
	Problems []string
	console  string
	asked    []string
}

func audit(t *testing.T, page, scheme string) verdict {
	t.Helper()
	var mutex sync.Mutex
	var v verdict
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		v.asked = append(v.asked, r.URL.Path)
		switch r.URL.Path {
		case "/report.html":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, page)
		case "/audit.html":
			http.ServeFile(w, r, "testdata/audit.html")
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	document, console := dump(t, server.URL+"/audit.html", "--blink-settings=preferredColorScheme="+scheme)
	found := verdictPattern.FindStringSubmatch(document)
	require.NotNil(t, found, "%.500s", document)
	mutex.Lock()
	defer mutex.Unlock()
	require.NoError(t, json.Unmarshal([]byte(htmltext.UnescapeString(found[1])), &v))
	slices.Sort(v.asked)
	v.console, v.asked = console, slices.Compact(v.asked)
	return v
}

const dark, light = "0", "1" // as Chromium numbers them

// The page is looked at on a telephone and on a desk, light and dark: nothing sticks out, every text
// can be read, headings, labels, links and alternatives are in order, and nothing is asked for.
func TestBrowserAudit(t *testing.T) {
	browser(t)
	out, _ := runExamples(t)
	page := html(t, collected(t, out))
	for _, scheme := range []string{dark, light} {
		v := audit(t, page, scheme)
		require.Equal(t, scheme == dark, v.Dark)
		require.Empty(t, v.Problems, strings.Join(v.Problems, "\n"))
		require.Empty(t, v.console)
		require.Equal(t, []string{"/audit.html", "/report.html"}, v.asked, "the page asks for nothing")
	}
}

// The audit sees what it looks for, and the policy of the page stops what must not happen.
func TestBrowserAuditSeesMistakes(t *testing.T) {
	browser(t)
	out, _ := runExamples(t)
	page := html(t, collected(t, out))
	for from, to := range map[string]string{
		"<h3>Checks":            "<h5>Checks",
		"</main>":               `<img src="/pixel.png" alt="" /><p style="color:#888">pale</p><div style="width:2000px">wide</div></main>`,
		`scope="row"`:           "",
		`href="#ledger">Back`:   `href="#nowhere">Back`,
		`id="run-2">`:           `id="run-1">`,
		"</footer>":             `<script>document.title = "x"</script></footer>`,
		`role="img"`:            "",
		`aria-label="Checks of`: `aria-x="Checks of`,
	} {
		require.Contains(t, page, from)
		page = strings.Replace(page, from, to, 1)
	}
	v := audit(t, page, light)
	for _, problem := range []string{
		"heading jumps", "image without alt", "contrast 3.54", "wide", "without scope", "link leads nowhere", "identifier twice",
		"must not have", "figure without a description", "table without a name", "image is broken",
	} {
		require.True(t, slices.ContainsFunc(v.Problems, func(p string) bool { return strings.Contains(p, problem) }), problem)
	}
	require.Contains(t, v.console, "Content Security Policy")
	require.NotContains(t, v.asked, "/pixel.png")
}

// The page opens from a disk, without a console message.
func TestBrowserOpensTheFile(t *testing.T) {
	browser(t)
	out, _ := runExamples(t)
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, []byte(html(t, collected(t, out))), 0o600))
	document, console := dump(t, "file://"+file)
	require.Empty(t, console)
	require.Contains(t, document, "Claims ledger")
}
