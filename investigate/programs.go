package investigate

import (
	"strings"
	"sync"
)

// station is what a program's place in a process tree means for those above and beside a process.
type station uint8

const (
	tool    station = iota // what it started belongs together
	session                // of users and services: what else it started has nothing to do with it
	server                 // it serves strangers: what it starts belongs, what it does itself is its work
	desk                   // everyday programs of a desk: they open what a person clicks on, and do much else
)

// stations lists the ordinary programs. Everything else is a tool.
// Source: Microsoft's documentation of the Windows boot and session processes; systemd(1), init(1), launchd(8); ATT&CK T1505.003 for
// servers that start shells, T1204 for the programs of a desk.
func stations() [4]string {
	return [...]string{
		session: "system smss csrss wininit winlogon services lsass lsaiso svchost explorer userinit sihost taskhostw taskhost taskeng dllhost runtimebroker " +
			"applicationframehost startmenuexperiencehost shellexperiencehost searchindexer searchhost searchapp backgroundtaskhost ctfmon fontdrvhost dwm logonui wmiprvse spoolsv " +
			"vboxservice vboxtray trustedinstaller tiworker wuauclt msmpeng mssense consent rdpclip tstheme ccmexec gpscript gpupdate registry memcompression " +
			"systemd systemd-executor (systemd) init upstart launchd sshd sshd-session cron crond atd anacron agetty login getty gdm gdm-session-worker lightdm sddm xinetd inetd runsvdir supervisord " +
			"containerd-shim containerd-shim-runc-v2 containerd dockerd docker-init tini dumb-init runc crio conmon kubelet kthreadd su sudo dbus-daemon loginwindow windowserver xpcproxy",
		server: "w3wp httpd apache2 apache nginx php-fpm php-cgi php lighttpd caddy java tomcat catalina node node.js gunicorn uwsgi ruby puma " +
			"sqlservr mysqld mariadbd postgres oracle mongod redis-server beam.smp inetinfo umworkerprocess msexchangehttpproxy vmtoolsd teamcity jenkins confluence",
		desk: "chrome msedge firefox iexplore brave opera safari msedgewebview2 outlook olk thunderbird teams ms-teams slack zoom onedrive dropbox code devenv winrar 7zfm",
	}
}

var stationOf = sync.OnceValue(func() map[string]station {
	m := map[string]station{}
	for s, list := range stations() {
		for _, name := range strings.Fields(list) {
			m[name] = station(s)
		}
	}
	return m
})

// stationed tells what an image is. A program that only bears the name of a system's own, from a place where those do not lie, is a tool.
func stationed(image string) station {
	name := program(image)
	s, known := stationOf()[name]
	if !known {
		s = stationOf()[strings.TrimRight(name, "0123456789.")]
	}
	if s == session && misplaced(image) {
		return tool
	}
	return s
}

// misplaced tells whether a Windows image with a path lies outside the folders of the system and of installed programs.
func misplaced(image string) bool {
	p := strings.ToLower(strings.ReplaceAll(image, `\`, "/"))
	if !strings.Contains(p, ":/") {
		return false
	}
	_, p, _ = strings.Cut(p, ":/")
	return !strings.HasPrefix(p, "windows/") && !strings.HasPrefix(p, "program") && !strings.HasPrefix(p, "packages/plugins/")
}

// installed tells whether an image lies where only administrators write; its hash and name are everybody's.
func installed(image string) bool {
	p := strings.ToLower(strings.ReplaceAll(image, `\`, "/"))
	for _, dir := range [...]string{":/windows/system32/", ":/windows/syswow64/", ":/windows/winsxs/", ":/program files", ":/windows/microsoft.net/"} {
		if strings.Contains(p, dir) {
			return true
		}
	}
	if strings.Contains(p, ":/windows/") {
		return strings.Count(p, "/") == 2
	}
	for _, dir := range [...]string{"/usr/", "/bin/", "/sbin/", "/lib", "/opt/", "/snap/", "/system/", "/applications/"} {
		if strings.HasPrefix(p, dir) {
			return true
		}
	}
	return p == "" || !strings.Contains(p, "/")
}
