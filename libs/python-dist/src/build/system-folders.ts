// The parts of a Linux system that a build sees besides /usr: of this machine, or of a build root.

/** Folders of the root folder; on most distributions links to folders of `/usr`. */
export const SYSTEM_FOLDERS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];

/** Settings of the loader, compilers, TLS and time zones. No accounts, keys or network settings. */
export const ETC = [
  ...['alternatives', 'ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'localtime', 'os-release', 'debian_version'],
  ...['redhat-release', 'fedora-release', 'SuSE-release', 'lsb-release', 'crypto-policies', 'ssl/certs'],
  ...['ssl/openssl.cnf', 'pki/ca-trust', 'pki/tls/certs', 'pki/tls/openssl.cnf', 'protocols', 'services', 'mime.types'],
  ...['perl', 'OpenCL', 'fonts', 'xml', 'sgml'],
];
