package check

// tools are programs of people who broke in, by their names and by words that only they understand.
// Source: ATT&CK software; the public documentation of the tools named.
func tools() []rule {
	return []rule{
		{3800, "mimikatz or one of its commands", "mimikatz|mimidrv|mimilib|sekurlsa::|lsadump::|kerberos::|privilege::debug|token::elevate|crypto::cap|dpapi::|misc::memssp", ""},
		{3500, "a credential dumper", "pypykatz|safetykatz|sharpkatz|nanodump|dumpert|handlekatz|lsassy|gsecdump|pwdump|fgdump|lazagne|quarkspwdump|sharpdpapi|mimipenguin|sharpchrome|spraykatz|donpapi|internalmonologue|wce.exe -w", ""},
		{3400, "a Kerberos attack tool", "rubeus|kekeo|kerbrute|asreproast|kerberoast|getuserspns|getnpusers|ticketer.py|goldenpac|silenttrinity|gettgt.py|getst.py|asktgt|asktgs|/ptt>", ""},
		{3200, "an Active Directory attack or mapping tool", "sharphound|bloodhound|azurehound|rusthound|-collectionmethod|adpeas|certipy|certify.exe|whisker|krbrelay|petitpotam|dfscoerce|printerbug|coercer|ntlmrelayx|mitm6|pingcastle.exe --scanner|ldapdomaindump|powermad|sharpgpoabuse|adrecon|group3r|snaffler", ""},
		{3000, "a tool for remote execution that attackers use", "crackmapexec|netexec|secretsdump|wmiexec|smbexec|atexec|dcomexec|psexec.py|evil-winrm|impacket|sharpexec|invoke-thehash|remcom|paexec|csexec|<nxc>", ""},
		{3200, "an exploitation or command-and-control framework", "metasploit|msfconsole|msfvenom|meterpreter|cobaltstrike|cobalt strike|sliver-client|sliver-server|havoc-client|bruteratel|brute ratel|mythic-cli|poshc2|merlinagent|koadic|covenant.dll|gruntstager|pupyrat|empire-server|powershell-empire|beacon.dll|villain.py", ""},
		{3000, "a tool that looks for ways to more rights", "winpeas|linpeas|seatbelt.exe|sharpup|powerup.ps1|linenum|linux-exploit-suggester|les.sh|pspy64|pspy32|beroot|watson.exe|privesccheck|windows-exploit-suggester|traitor -|gtfobins", ""},
		{3200, "an exploit for more rights", "juicypotato|roguepotato|sweetpotato|godpotato|printspoofer|efspotato|roguewinrm|uacme|akagi64|akagi32|furutaka|badpotato|hotpotato|rottenpotato|printnightmare|zerologon|nopac|samaccountname_spoof|pwnkit|dirtycow|dirtypipe|dirty_pipe|overlayfs-exploit|cve-2021-4034|eternalblue|ms17_010|ms17-010", ""},
		{3000, "a tool that blinds security products", "edrsandblast|backstab|killav|edrkill|edrsilencer|defendercontrol|dcontrol.exe|avkill|terminator.exe|freeze.rs|scarecrow|invisi-shell|processhacker|pchunter|gmer.exe|powertool64|kdu.exe|kdmapper|phant0m|ppldump|pplkiller|pplblade|spyboy", ""},
		{2700, "a password cracker or guesser", "<hydra>|<medusa>|<hashcat>|<ncrack>|<john --|<patator|<crowbar>|sprayhound|domainpasswordspray|trevorspray|mailsniper|o365spray|ruler.exe|spraycharles", ""},
		{2400, "a vulnerability or web scanner", "<sqlmap|<nikto|<gobuster|<dirbuster|<feroxbuster|<wpscan|<nuclei>|<wfuzz|<ffuf>|<commix|<dirsearch|<masscan|<zmap>|<rustscan|<xsstrike|<jok3r", ""},
		{900, "a network scanner", "<nmap>|advanced_ip_scanner|advanced_port_scanner|softperfect|netscan.exe|angryip|<arp-scan|<netdiscover|<nbtscan|<enum4linux|<smbmap|<ldapsearch -x", ""},
		{2200, "AdFind, which lists a directory", "<adfind|objectcategory=person|objectcategory=computer|trustdmp|-sc u:|computers_pwdnotreqd", ""},
		{2700, "a tunnel or port forwarder for getting past firewalls", "<chisel|<ligolo|<frpc|<frps|<gost -|<revsocks|<rpivot|<iodine|dnscat|<ptunnel|<stowaway|<earthworm|resocks|<proxychains|neo-regeorg|regeorg|<termite", ""},
		{1500, "a public tunnelling service", "<ngrok|trycloudflare|cloudflared tunnel|localtunnel|<pagekite|serveo.net|localhost.run|pinggy.io|<bore local|tailscale up --auth", ""},
		{2300, "an SSH tunnel towards another computer", "<plink|<ssh>|<ssh.exe", `(plink|ssh)(\.exe)?"?\s.*-[nftqkcg]*r\s*\S*:?\d+(:\S+:\d+|\s)`},
		{2800, "a cryptocurrency miner", "stratum+tcp|stratum+ssl|stratum2+tcp|<xmrig|<minerd>|cpuminer|<xmr-stak|<ethminer|<nbminer|<phoenixminer|<lolminer|<t-rex -a|nicehash|minexmr|supportxmr|nanopool|--donate-level|--coin=monero|moneroocean|randomx|kdevtmpfsi|kinsing", ""},
	}
}
