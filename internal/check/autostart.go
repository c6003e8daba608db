package check

// registryKeys are the keys that start programs, weaken protection or hide; each is matched as "key = value".
// Source: ATT&CK T1547, T1546, T1112, T1548.002, T1562, T1556; Sysinternals Autoruns; Microsoft's documentation of the keys.
func registryKeys() []rule {
	const off, on = `= .*(0x0+\)|\b0)$`, `= .*(0x0*1\)|\b1)$`
	return []rule{
		{300, "a program is set to start at sign-in", `currentversion\run\|currentversion\runonce\|currentversion\policies\explorer\run\|\runservices\`, ""},
		{2700, "a debugger is set for another program", `image file execution options\ + \debugger|\verifierdlls`, ""},
		{2700, "a program is set to start when another ends", `silentprocessexit\ + monitorprocess`, ""},
		{2200, "what Windows runs at sign-in is changed", `currentversion\winlogon\ + \userinit|\shell|\notify\|\taskman|\mpnotify|\vmapplet`, `winlogon\\(userinit|shell|notify\\.*|taskman|mpnotify|vmapplet)( =|$)`},
		{1900, "a library is loaded into every program", `\appinit_dlls|\appcertdlls\`, `(appinit_dlls|appcertdlls\\\w+)( = .*\w|$)`},
		{1900, "a library is added to LSASS, which sees passwords", `\lsa\ + \security packages|\authentication packages|\notification packages`, ""},
		{3000, "clear-text passwords are switched on (WDigest)", `\wdigest\uselogoncredential`, on},
		{2700, "the protection of LSASS or of remote sign-in is weakened", `\control\lsa\ + \runasppl|\disablerestrictedadmin|\lmcompatibilitylevel|\nolmhash|\restrictanonymous`, off},
		{700, "a COM object is redefined for one user", `\inprocserver32|\localserver32|\treatas|\scriptleturl + hku\|hkcu\|hkey_users|hkey_current_user|_classes\clsid`, ""},
		{3000, "Defender is switched off by policy", `windows defender + \disableantispyware|\disableantivirus|\disablerealtimemonitoring|\disablebehaviormonitoring|\disableonaccessprotection|\disablescanonrealtimeenable|\disableioavprotection|\disableblockatfirstseen`, on},
		{2200, "Defender's tamper or cloud protection is switched off", `windows defender + \tamperprotection|\spynetreporting|\mpenablepus|\submitsamplesconsent`, off},
		{1700, "something is excluded from Defender's scanning", `windows defender + \exclusions\`, ""},
		{1200, "remote desktop is switched on", `\fdenytsconnections`, off},
		{2500, "the firewall is switched off", `\firewallpolicy\ + \enablefirewall`, off},
		{3100, "a file handler is changed that an elevated program follows (UAC bypass)", `ms-settings\shell\open|mscfile\shell\open|exefile\shell\runas|appx82a6gwre|folder\shell\open\command|\environment\windir|\environment\systemroot`, ""},
		{2300, "user account control is weakened", `\policies\system\enablelua|\policies\system\consentpromptbehavioradmin`, off},
		{1800, "remote use of local administrators is allowed", `localaccounttokenfilterpolicy`, on},
		{1000, "the screen saver is set to a program", `\scrnsave.exe`, `scrnsave\.exe = .*(\\users\\|\\temp\\|\\programdata\\)`},
		{2300, "a print monitor or processor is added", `\control\print\monitors\|\print processors\ + \driver`, ""},
		{1500, "a helper library is added to netsh", `\microsoft\netsh\`, ""},
		{1600, "a time provider's library is changed", `\w32time\timeproviders\ + \dllname`, ""},
		{800, "the library of a service is changed", `\services\ + \servicedll`, ""},
		{150, "the program of a service is set", `\services\ + \imagepath`, ""},
		{1400, "a script is set to run at sign-in", `userinitmprlogonscript`, ""},
		{1000, "a program is set to run once for each user (Active Setup)", `\active setup\installed components\ + \stubpath`, ""},
		{1500, "a command is set to run whenever cmd starts", `\command processor\autorun`, ""},
		{1500, "a library is set to load with Office", `\office test\special\perf`, ""},
		{900, "the protection against macros is weakened", `\security\vbawarnings|\security\accessvbom|\trusted locations\`, ""},
		{2600, "an event log is switched off", `\winevt\channels\ + \enabled`, off},
		{2600, "script logging is switched off", `enablescriptblocklogging|enablemodulelogging`, off},
		{3000, "what keeps foreign drivers and code out of the kernel is switched off", `\vulnerabledriverblocklistenable|\hypervisorenforcedcodeintegrity|\enablevirtualizationbasedsecurity|\lsacfgflags`, off},
		{3000, "scripts are no longer scanned (AMSI)", `\amsienable`, off},
		{3000, "what Windows writes into its event logs is switched off", `\wmi\autologger\eventlog- + \start|\enabled`, off},
		{2600, "a trace session of Defender is switched off", `\wmi\autologger\defender + \start|\enabled`, off},
		{2500, "a restore of the system is made impossible", `\systemrestore\ + \disableconfig|\disablesr`, on},
		{1800, "pipes or shares may be used without a name", `\lanmanserver\parameters\nullsession`, ""},
		{1500, "the port of remote desktop is changed", `\rdp-tcp\portnumber`, ""},
		{1700, "the folder of programs that start at sign-in is moved", `\user shell folders\|\shell folders\ + startup`, `shell folders\\(common )?startup`},
		{2000, "PowerShell's restricted language is lifted", `\__pslockdownpolicy`, ""},
		{1500, "a port forwarding is set", `\portproxy\v4tov4`, ""},
		{2300, "an account is hidden from the sign-in screen", `\specialaccounts\userlist`, off},
		{2500, "a scheduled task is hidden by removing who may see it", `\schedule\taskcache\tree\ + \sd`, `\\sd( =|$)`},
		{1200, "something is set to start in safe mode", `\control\safeboot\ + minimal|network`, ""},
		{700, "several desktop sessions or watching them is allowed", `\terminal server\ + fsinglesessionperuser|\shadow`, ""},
	}
}

// startedData is what is odd about a program that a registry key starts.
// Source: ATT&CK T1547.001, T1218; LOLBAS.
func startedData() []rule {
	return []rule{
		{1600, "what is started is a script host or shell", `powershell|mshta|wscript|cscript|regsvr32|<cmd.exe|<cmd>|%comspec%|javascript:|certutil|bitsadmin|<msbuild`, `(powershell|pwsh|mshta|[wc]script|regsvr32|\bcmd(\.exe)?"?\s+/|comspec|javascript:|certutil|bitsadmin|msbuild)`},
		{1200, "what is started lies where anyone can write", `\temp\|\users\public\|\perflogs\|\$recycle.bin\|\downloads\|\programdata\|\appdata\roaming\`, `\\(temp|users\\public|perflogs|\$recycle\.bin|downloads)\\|\\(programdata|appdata\\roaming)\\[^\\]+\.(exe|dll|vbs|js|ps1|bat|cmd|scr)`},
	}
}

// servicePrograms is what is odd about a service's or task's program.
// Source: ATT&CK T1543.003, T1569.002, T1053.005; the defaults of PsExec, Impacket, Metasploit and Cobalt Strike.
func servicePrograms() []rule {
	return []rule{
		{2500, "it is the service of a tool for remote execution", "psexesvc|remcomsvc|paexec|csexecsvc|winexesvc|<csexec", ""},
		{1500, "it is the driver of a tool that reaches into other processes", "kprocesshacker", ""},
		{2700, "it runs a shell or script host", `%comspec%|cmd.exe /|cmd /|powershell|mshta|regsvr32|wscript|cscript`, `(%comspec%|cmd(\.exe)?\s+/[ckq]|powershell(\.exe)?"?(</command>|\s)[^|]*(-e|-w|-nop|-ep|iex|http|bypass|-c)|mshta|regsvr32\s|[wc]script(\.exe)?\s.*(temp|appdata|public))`},
		{1700, "its program lies where anyone can write", `\temp\|\users\public\|\perflogs\|\downloads\|\appdata\|\programdata\|admin$\|127.0.0.1\`, `\\(temp|users\\public|perflogs|downloads)\\[^\\]*\.(exe|dll|bat|ps1|vbs|cmd)|\\(programdata|appdata\\\w+)\\[^\\]+\.(exe|dll|bat|ps1|vbs|js)|admin\$\\|127\.0\.0\.1\\`},
		{2400, "its program has a name by chance and lies in the Windows folder, as attack tools' services do", `%systemroot%|c:\windows\ + !sysmon`, `(%systemroot%%?|c:\\windows)\\{1,2}[a-z0-9]{7,8}\.exe\b`},
	}
}

// weakDrivers are signed drivers with holes, brought along to switch off security products, and drivers of such tools.
// Source: loldrivers.io; Microsoft's recommended driver block rules.
func weakDrivers() []rule {
	return []rule{
		{2700, "a driver known for its holes or for killing security products", "rtcore64|rtcore32|dbutil_2_3|dbutildrv2|<gdrv|capcom.sys|asrdrv10|mhyprot|iqvw64|zam64|zamguard|aswarpot|truesight|kprocesshacker|viragt64|rentdrv|echo_driver|amsdk.sys|wsftprm|hlpdrv|rwdrv|<msio64|eneio64|gmer64|pchunter|mimidrv|ntbios|bs_def64|atillk64|glckio|phymemx|nvflash|libnicm|ksapi64|tfsysmon|elrawdsk|edrprotect|poortry", ""},
		{500, "a driver that gives raw access and often comes with tools", "winring0|procexp152|procexp.sys|cpuz1|winpmem", ""},
	}
}

// powerfulGroups are groups whose members own the machine or the domain.
// Source: Microsoft, Appendix B: Privileged Accounts and Groups in Active Directory.
func powerfulGroups() []rule {
	return []rule{
		{1900, "somebody was made an administrator of the domain", "domain admins|enterprise admins|schema admins|dnsadmins|domänen-admins|admins du domaine", ""},
		{1300, "somebody was made an administrator", "<administrators>|<administratoren>|<administrateurs>|s-1-5-32-544|backup operators|account operators|server operators|group policy creator", ""},
		{700, "somebody may use remote desktop or remote management", "remote desktop users|remote management users|s-1-5-32-555|s-1-5-32-580", ""},
	}
}

// accountFlags are settings of an account that make it easy prey.
// Source: Microsoft, event 4738 (user account control flags); ATT&CK T1558.004.
func accountFlags() []rule {
	return []rule{
		{1300, "an account no longer needs pre-authentication or a password", "don't require preauth|password not required|%%2096|%%2082", `('?don't require preauth'?|'?password not required'?)\s*-\s*enabled|%%2096|%%2082`},
		{1200, "an account may act for others", "trusted for delegation|trusted to authenticate|%%2093|%%2098", `trusted (for delegation|to authenticate\S*)'?\s*-\s*enabled|%%2093|%%2098`},
	}
}

// unixAccounts are messages of the tools that make accounts.
// Source: the messages of shadow-utils (useradd, usermod, gpasswd).
func unixAccounts() []rule {
	return []rule{
		{2900, "a second root account was made", "new user: name=", `new user: name=[^,]+, uid=0,`},
		{300, "a user account was made", "new user: name=", ""},
		{1000, "an account was put into a group that is as good as root", "to group|to shadow group", `add '[^']+' to (shadow )?group '(sudo|wheel|root|docker|admin|lxd|shadow|disk)'`},
	}
}
