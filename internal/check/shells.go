package check

// shells is what attackers type or script on Unix and macOS.
// Source: ATT&CK T1059.004, T1098.004, T1053.003, T1136.001, T1548.001, T1548.003, T1574.006, T1547.006, T1611, T1552, T1048; GTFOBins;
// the manual pages of the programs named; Docker's and Kubernetes' documentation of privileged containers.
func shells() []rule {
	const inet = "<nc>|<ncat|<netcat|<socat|<telnet>|<curl|<wget|<ssh>|<openssl"
	return []rule{
		{3500, "a shell is tied to a network connection (/dev/tcp)", "/dev/tcp/|/dev/udp/", `(-i\b.*|exec\s.*|<>\s*|>&\s*|0>&1.*|bash.*)/dev/(tcp|udp)/[\w.$-]+/[\w$]+.*`},
		{3300, "netcat hands a shell to the network", "<nc>|<ncat|<netcat", `\b(nc|ncat|netcat)(\.\w+)?"?\s(.*\s)?-\w*[ec]\s+"?\S*(sh|cmd|powershell|cmd\.exe)\b`},
		{3300, "a pipe and a network program make a reverse shell", "mkfifo|mknod|backpipe + <nc>|<ncat|<netcat|<telnet>|s_client", ""},
		{3300, "a script's socket becomes a shell", "socket.socket|import socket|use socket|io::socket|fsockopen|tcpsocket|/inet/tcp|socket.tcp|net.socket( + <sh>|<bash>|dup2|pty.spawn|subprocess|proc_open|shell_exec|exec(|exec \"|spawn(|getline|popen|$sock", ""},
		{2900, "socat hands a shell to the network", "<socat + exec:|system:", ""},
		{1700, "a terminal is made for a shell that has none, as after an intrusion", "pty.spawn|<script> -qc /bin|<script> /dev/null|stty raw -echo", ""},
		{1700, "something from the network is piped into a shell", "<curl|<wget|<fetch|lwp-download|<aria2c", `\b(curl|wget|fetch|lwp-download)\b[^|]*\|+\s*(sudo\s+(-\w+\s+)*)?(\S*/)?((ba|z|da|k|a)?sh|python[\d.]*|perl|php|ruby|node)\b`},
		{1500, "a shell runs what a web client prints", "<curl|<wget", "(\\b(sh|bash|zsh|eval|source|python\\d?)\\s+(-c\\s+)?[\"']?|^|\\s\\.\\s+)(\\$\\(|<\\(|`)\\s*(curl|wget)\\b[^)`]*"},
		{1500, "something is fetched from a bare address", "<curl|<wget|<tftp|<ftpget", `\b(curl|wget|tftp|ftpget)\b.*?\b(https?://|ftp://|\s)(\d{1,3}\.){3}\d{1,3}(:\d+)?/\S*\.(sh|elf|x86|x86_64|arm\d?|mips|mipsel|py|pl|bin|bz2|jpg|png|txt)\b`},
		{2900, "a chain looks for a writable folder, fetches, makes executable and runs, as botnets do", "cd /tmp|cd /var/run|cd /mnt|cd /dev/shm|cd /var/tmp + <curl|<wget|<tftp|<ftpget + chmod|<sh>|<bash>|./", `cd\s+/(tmp|var/run|mnt|dev/shm|var/tmp).*(wget|curl|tftp|ftpget).*(chmod|sh\s|\./)`},
		{1500, "a file in a folder anyone can write to is made executable", "<chmod", `chmod\s+(-\w+\s+)?([augo]*\+\w*x|0?[0-7]*[1357][0-7]*)\s+\S*(/tmp|/var/tmp|/dev/shm)/\S+`},
		{1000, "a program starts from a folder anyone can write to", "/tmp/|/dev/shm/|/var/tmp/", `(^|[;&|]\s*|nohup\s+|sudo\s+|sh\s+-c\s+["']?)(/tmp|/dev/shm|/var/tmp)/[\w.-]+(\s|$|;|&)`},
		{900, "a hidden file in a folder anyone can write to", "/tmp/.|/dev/shm/.|/var/tmp/. + !/.x11|/.ice-|/.mount_|/.com.|/.org.|/.font|/.xim|/.test-|/.vscode|/.dotnet|/.net|/.s.pgsql|/.oracle|/.x0|/.x1|/.npm|/.ansible", `/(tmp|shm)/\.[\w.]*[\w]`},
		{2800, "decoded text is piped into a shell", "base64|xxd|openssl|uudecode|<rev>|base32", `(base64|base32)\s+(-d|--decode|-D|-di)[^|]*\|+\s*(sudo\s+)?(\S*/)?((ba|z|da|k)?sh|python[\d.]*|perl|php)\b|(xxd\s+-r|openssl\s+\w+\s+.*-d|uudecode|\brev)\b[^|]*\|+\s*(\S*/)?((ba|z)?sh|python\d?|perl)\b|(bash|sh|eval)\s.*(\$\(|<<<).*base64\s+(-d|--decode)`},
		{2500, "an interpreter runs text that it decodes first", "b64decode|base64_decode|decode_base64|base64.decode|exec(__import__|zlib.decompress|marshal.loads|gzinflate + exec|eval|system|assert", ""},

		{2000, "a job is added to cron from a command line", "crontab|/etc/cron|/spool/cron", `(echo|printf|cat|curl|wget)\s.*\|\s*(sudo\s+)?crontab\s+(-u\s+\w+\s+)?-|(>>?|tee\s+(-a\s+)?)\s*"?/(etc/cron|var/spool/cron)|crontab\s+(/tmp|/dev/shm|/var/tmp)`},
		{2300, "a key is added to those that may sign in", "authorized_keys", `(>>?|tee(\s+-a)?|cp\s+\S+|mv\s+\S+|curl.*-o|wget.*-o)\s*"?\S*authorized_keys|echo\s.*ssh-(rsa|ed25519|dss)`},
		{2800, "an account or right is written into the system's files", "/etc/passwd|/etc/shadow|/etc/sudoers|/etc/pam.d", `(>>?|tee\s+(-a\s+)?|sed\s+-i\s.*)\s*/etc/(passwd|shadow|sudoers|pam\.d)`},
		{2000, "the file of password hashes is read", "/etc/shadow|/etc/gshadow|/etc/master.passwd|<unshadow", `\b(cat|less|more|head|tail|cp|mv|vim?|nano|scp|base64|xxd|strings|awk|grep|cut|tar|dd|rsync|unshadow|sed)\b.*/etc/(g?shadow|master\.passwd)`},
		{250, "the list of accounts is read", "/etc/passwd", `\b(cat|less|more|head|tail|awk|cut|grep)\b[^|;]*/etc/passwd\b`},
		{2900, "a second root account is made", "<useradd|<adduser|<usermod", `\s-(o\s+-u|u|ou|-uid[= ])\s*0\b`},
		{500, "a user account is made", "<useradd|<adduser>", `\b(useradd|adduser)\s+.*\w`},
		{1100, "an account is put into a group that is as good as root", "<usermod|<gpasswd|<adduser|<groupmems", `(usermod\s.*-\w*g\w*\s+\S*|gpasswd\s+-a\s+\S+\s+|adduser\s+\w+\s+)(sudo|wheel|root|docker|admin|lxd|shadow|disk)\b`},
		{900, "a password is set from a command line", "<chpasswd|<passwd>", `(echo|printf)\s.*\|\s*(sudo\s+)?(chpasswd|passwd\s)|passwd\s+(--stdin|-d\s+\w+)`},
		{2300, "an account may become root without a password", "nopasswd", `nopasswd.*(>>?|tee|visudo)|(echo|printf|sed)\s.*nopasswd`},
		{1700, "a program is made to run as its owner (setuid)", "<chmod|<install>", `chmod\s+(-\w+\s+)*([ugo]*\+[rwx]*s[rwx]*|u=\w*s|0?[2467][0-7]{3})\s`},
		{2900, "a copy of a shell is made that runs as root", "/bin/sh|/bin/bash + <chmod + <cp>|+s|4755|4777|06755", `cp\s+\S*/bin/(ba)?sh\s.*chmod|chmod\s+(\S*\+s|[46]7\d\d)\s+\S*/(ba)?sh\b`},
		{2000, "a program is given the capability to become root", "<setcap", `cap_(setuid|sys_admin|dac_override|dac_read_search|sys_ptrace|sys_module)`},
		{2300, "a library is loaded into every program", "ld.so.preload|ld_preload=", `(>>?|tee|cp\s+\S+|mv\s+\S+|echo)\s.*ld\.so\.preload|ld_preload=\S*(/tmp|/dev/shm|/var/tmp|/home|\./)`},
		{1300, "a kernel module is loaded by hand", "<insmod", `insmod\s+(-f\s+)?\S*\.ko\b`},
		{1600, "something is written where it will be started at boot or sign-in", "/etc/rc.local|/etc/profile|.bashrc|.bash_profile|.zshrc|/etc/init.d|/etc/systemd/system|/lib/systemd/system|update-motd.d|/udev/rules.d|/autostart/|launchagents|launchdaemons", `(>>?|tee\s+(-a\s+)?)\s*"?\S*(rc\.local|/etc/profile|\.(ba|z)shrc|\.bash_profile|/init\.d/|systemd/system/|update-motd\.d|rules\.d|/autostart/|launchagents|launchdaemons)`},

		{2500, "a container is started with the whole host mounted or its processes in sight", "<docker|<podman|<ctr>|<nerdctl + <run>|create>", `(-v|--volume|--mount\s+\S*)\s*=?"?/:/|source=/,|--pid[= ]host.*(--privileged|nsenter)|--privileged.*--pid[= ]host`},
		{900, "a privileged container is started, or one that may command the engine", "<docker|<podman|<ctr>|<nerdctl + --privileged|docker.sock|--cap-add=sys_admin|--cap-add sys_admin|--cap-add=all", ""},
		{2600, "a process steps out of its container", "<nsenter|release_agent|notify_on_release|core_pattern", `nsenter\s.*(-t|--target)[= ]*1\b|release_agent|notify_on_release|core_pattern\b.*\||>\s*/proc/sys/kernel/core_pattern`},
		{600, "a command runs inside a pod", "<kubectl|<oc> + <exec>", ""},
		{1300, "secrets of a cluster are read", "<kubectl|<oc>|<etcdctl + secret", `(kubectl|oc)\s.*\bget\s+secrets?\b.*(-o\s*\S*(yaml|json|template)|-a\b|--all-namespaces)|etcdctl\s.*get\s.*secrets`},
		{1800, "someone is made administrator of a cluster", "clusterrolebinding + cluster-admin + <kubectl|<oc>|<create>", ""},
		{1800, "a pod's own token is read", "kubernetes.io/serviceaccount + <cat>|<curl|<cp>|<grep|<base64|<export>|$(", ""},
		{2000, "the cloud's credentials for this machine are asked for", "169.254.169.254|metadata.google.internal|169.254.170.2|fd00:ec2::254 + security-credentials|service-accounts|oauth2/token|/v2/credentials|user-data|api/token", ""},
		{1700, "a file of keys or passwords is read or copied", ".aws/credentials|.azure/|application_default_credentials|.kube/config|.docker/config.json|.netrc|.pgpass|.git-credentials|id_rsa|id_ed25519|id_ecdsa|.gnupg|.vault-token|wp-config.php|.env>", `\b(cat|cp|mv|tar|zip|base64|xxd|strings|less|more|head|tail|curl|nc)\b\s.*(\.aws/credentials|\.azure/\w+|default_credentials|\.kube/config|\.docker/config|\.netrc|\.pgpass|git-credentials|/id_(rsa|ed25519|ecdsa)\b|\.gnupg|vault-token|wp-config\.php)`},
		{1500, "programs that run as root are looked for", "<find> + -perm", `-perm\s+([-/]?(u=s|g=s)|[-/]?0?[2467]000|[-/+]\+?[ug]*\+?s)`},
		{600, "network traffic is recorded to a file", "<tcpdump|<tshark|<dumpcap", `(tcpdump|tshark|dumpcap)\s.*-w\s*\S+`},
		{2300, "traffic of others is diverted or answered falsely", "<arpspoof|<ettercap|<bettercap|responder.py|<responder -i|<dsniff|inveigh", ""},
		{2200, "secret files are sent over the network", "/etc/passwd|/etc/shadow|id_rsa|.ssh|.aws|.kube|mysqldump|pg_dump|/var/lib/mysql|<tar>|<zip> + " + inet, `(/etc/passwd|/etc/shadow|id_rsa|\.ssh|\.aws|\.kube)\b.*\|\s*(nc|ncat|curl|socat|openssl)|(curl|wget)\s.*(-t|--upload-file|-f|--post-file|-d|--data\S*)[ =]*\S*@?\S*(/etc/passwd|/etc/shadow|id_rsa|\.ssh|\.aws|\.kube)|(tar|zip|mysqldump|pg_dump)\s.*\|\s*(nc|ncat|curl|socat)\b`},
		{1000, "a file is uploaded with curl or wget", "<curl|<wget", `curl\s.*(\s-t\s+\S+|--upload-file|-f\s+["']?\w+=@|--data-binary\s+@|\s-d\s+@)|wget\s.*--post-file`},
		{2000, "data is sent out in DNS names", "<dig>|<nslookup|<host> + $(|`|xxd|base64|base32", "(dig|nslookup|host)\\s.*(\\$\\(|`|\\$\\{?\\w+\\}?\\.)"},
		{1300, "memory or environment of processes is read", "/environ|/proc/|<gcore", `(cat|strings|grep|xxd)\s.*/proc/(\*|\d+|self)/(environ|mem|maps)|gcore\s+(-\w\s+\S+\s+)*\d+`},
		{3000, "an exploit of sudo", "<sudo|<sudoedit", `sudo\s+-u\s*#-1|sudo\s+-u\s*#4294967295|sudoedit\s+-s\s+['"\\]`},
		{2300, "a permitted program is used to get a root shell", "<sudo + -exec|:!|system(|checkpoint-action|os.system|os.exec|pty.spawn|!sh|!/bin", `sudo\s.*(-exec\s+/bin/(ba)?sh|:!\s*/?(bin/)?(ba)?sh|system\(|checkpoint-action=exec|os\.system|os\.exec|pty\.spawn|!/?(bin/)?(ba)?sh\b)`},
		{700, "a web server is started to hand out files", "http.server|simplehttpserver|php -s 0.0.0.0|ruby -run -e httpd + <python|<python3|<python2|<php|<ruby", ""},
		{900, "a program is compiled into a folder anyone can write to", "<gcc|<cc>|<tcc|<g++", `\b(gcc|cc|tcc|g\+\+)\s.*-o\s*\S*(/tmp|/dev/shm|/var/tmp)/`},
		{2300, "a database runs a command of the system", "xp_cmdshell|sp_oacreate|sys_exec|sys_eval|from program|into outfile|into dumpfile", `xp_cmdshell|sp_oacreate|sys_(exec|eval)\(|from\s+program\s+'|into\s+(out|dump)file\s+\S+\.(php|jsp|asp|sh|so|dll)`},

		{2100, "a false dialogue asks a Mac's user for a password", "<osascript + display dialog", `display dialog.*(password|hidden answer)`},
		{2200, "a keychain is read", "dump-keychain|find-generic-password|find-internet-password|login.keychain + <security>|<cp>|<zip>|<curl", ""},
		{1900, "a Mac's protection is switched off", "<spctl|<csrutil|<tccutil|com.apple.quarantine", `spctl\s+--(master|global)-disable|csrutil\s+disable|xattr\s.*-(d|r?d|c)\b.*(com\.apple\.quarantine)?`},
		{1000, "remote access to a Mac is switched on", "setremotelogin|ardagent", `setremotelogin\s+(-f\s+)?on|ardagent.*-activate`},
	}
}
