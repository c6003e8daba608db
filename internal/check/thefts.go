package check

// thefts are the taking of credentials and files and the moving on to other computers.
// Source: ATT&CK T1003, T1558, T1550, T1021, T1569.002, T1567; Impacket's wmiexec and smbexec, which write their output to
// a share of the machine itself; Microsoft's reference of Windows commands.
func thefts() []rule {
	return []rule{
		{3500, "memory of LSASS is dumped", "lsass + procdump|-ma>|minidump|comsvcs|sqldumper|createdump|rdrleakdiag|out-minidump|werfault|.dmp|avdump|dumpminitool|taskmgr /dump", ""},
		{3200, "a process is dumped through comsvcs.dll", "comsvcs", `comsvcs(\.dll)?[\s,"']*(,|\s)?\s*(minidump|#?[-+]?0*24\b|#\d+)`},
		{800, "asks for the process id of LSASS", "lsass + tasklist|get-process|<ps>|findstr|<pgrep", ""},
		{3200, "the registry's stores of passwords are saved to a file", `<reg>|<reg.exe + save>|export> + \sam|\security|\system`, `(save|export)\s+["']?(\\+[\w.-]+)?\\*(hklm|hkey_local_machine)\\+(sam(\\+sam(\\[^\s"']*)?)?|security(\\+(policy|cache)(\\[^\s"']*)?)?|system)\\*([\s"'&|;,)^>]|$)`},
		{3200, "the directory database (ntds.dit) is read", "ntds.dit|ntdsutil + <ifm>|<ac i|activate instance|ntds.dit|create full", ""},
		{3000, "a file is taken out of a shadow copy", "harddiskvolumeshadowcopy|globalroot\\device + <copy>|<type>|<cp>|mklink|esentutl|copy-item|<xcopy|<robocopy", ""},
		{2000, "esentutl copies a file that is in use", "<esentutl + /vss|ntds|webcache|login data|\\sam>|/y>", `/y\s.*(/vss|ntds|webcache|login data|\\sam)|/vss`},
		{1100, "a shadow copy is made", "<vssadmin|<diskshadow|win32_shadowcopy|shadowcopy + create> + !veeam", ""},
		{1500, "diskshadow runs a script", "<diskshadow + /s>", ""},
		{1900, "stored Wi-Fi passwords are shown", "<wlan> + key=clear", ""},
		{1000, "stored credentials are listed", "<vaultcmd + /list|<cmdkey + /list|keymgr.dll|krshowkeymgr", ""},
		{700, "stored credentials are listed", "<cmdkey + /list", ""},
		{1000, "files are searched for passwords", "findstr|select-string|<grep>|<rg> + password|passwd|cpassword|pwd=", `(findstr|select-string|\bgrep|\brg)\b.*(password|passwd|cpassword|pwd=).*(/s|/si|-r|\\\*|\*\.|/home|/etc|sysvol|recurse|--include)|(findstr|grep|rg)\s+(/s|/si|/spin|-\w*r\w*)\b.*(password|passwd|cpassword)`},
		{1800, "passwords in group policies are looked for", "sysvol + groups.xml|cpassword|scheduledtasks.xml", ""},
		{2500, "a browser's stored passwords are copied", `\login data|logins.json|key4.db|\web data|cookies.sqlite + <copy>|<xcopy|<cp>|copy-item|<type>|<curl|<zip>|<7z|<tar>|robocopy|esentutl`, ""},

		{3400, "output goes to a share of the machine itself, as wmiexec and smbexec do", `127.0.0.1\admin$|127.0.0.1\c$|localhost\admin$|\__output|admin$\__1 + /q|/c>|comspec|cmd`, ""},
		{3100, "text is written to a named pipe, as getsystem does", `.\pipe\ + <echo>`, `echo\s+\S+\s*\^?>\s*\\{1,2}\.\\pipe\\`},
		{1600, "PsExec runs something on another computer", "<psexec|<psexec64|<psexec.exe + -accepteula|-s>|-c>|/accepteula|-h>|-i>", `psexec(64)?(\.exe)?"?\s.*(\\{1,2}[\w.@*-]+|-s\b|-c\b)`},
		{900, "a shell is opened on another computer", "<winrs|invoke-command|enter-pssession|new-pssession + -r:|/r:|-remote:|-computername|-cn>", ""},
		{2000, "a process is started on another computer", "invoke-wmimethod|invoke-cimmethod|mmc20.application|shellwindows|shellbrowserwindow + win32_process|gettypefromprogid|executeshellcommand", ""},
		{1200, "files are packed with a password", "<rar>|<rar.exe|<winrar|<7z>|<7z.exe|<7za|<zip> + -hp|-p|-mhe", `(rar|7za?|zip)(\.exe)?"?\s.*\s(-hp\S+|-p\S{3,}|--password|-mhe)`},
		{1500, "files are sent to a cloud storage", "<rclone|<megacmd|<mega-put|<megasync|<megatools|<gofile|<s5cmd + copy>|sync>|mega|put>|upload|move>", ""},
		{2000, "files are sent with curl or wget to a drop site", "transfer.sh|file.io|gofile.io|anonfiles|bashupload|0x0.st|temp.sh|oshi.at|pixeldrain|catbox.moe|termbin.com + <curl|<wget|<nc>|invoke-restmethod|invoke-webrequest|<iwr>", ""},
		{1000, "a remote-control tool is installed silently", "anydesk|rustdesk|screenconnect|splashtop|atera|teamviewer|meshagent|fleetdeck|tacticalrmm|simplehelp + --silent|/verysilent|--start-with-win|--set-password|-fullinstall|--password|/qn", ""},
	}
}
