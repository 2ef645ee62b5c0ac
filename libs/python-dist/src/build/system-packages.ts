// Maps headers, pkg-config modules and programs that builds need to their Debian and Fedora packages.

export interface SystemPackages {
  debian: string;
  fedora: string;
}

/** Headers by their first folder or name, modules and programs by name: [Debian, Fedora, keys …]. */
const TABLE: readonly [debian: string, fedora: string, ...keys: string[]][] = [
  ['gcc', 'gcc', 'program:cc', 'program:gcc', 'program:x86_64-linux-gnu-gcc', 'program:aarch64-linux-gnu-gcc'],
  ['g++', 'gcc-c++', 'program:c++', 'program:g++', 'program:cc1plus'],
  ['gfortran', 'gcc-gfortran', 'program:gfortran', 'program:f95'],
  ['cargo', 'cargo', 'program:cargo', 'program:rustc'],
  ['cmake', 'cmake', 'program:cmake'],
  ['ninja-build', 'ninja-build', 'program:ninja'],
  ['make', 'make', 'program:make'],
  ['pkg-config', 'pkgconf-pkg-config', 'program:pkg-config', 'program:pkgconf'],
  ['autoconf automake libtool', 'autoconf automake libtool', 'program:autoreconf', 'program:libtoolize'],
  ['swig', 'swig', 'program:swig'],
  ['bison', 'bison', 'program:bison'],
  ['flex', 'flex', 'program:flex', 'header:FlexLexer.h'],
  ['git', 'git', 'program:git'],
  ['patchelf', 'patchelf', 'program:patchelf'],
  ['libc6-dev', 'glibc-devel', 'header:stdio.h', 'header:stdlib.h', 'header:math.h', 'header:limits.h'],
  ['linux-libc-dev', 'kernel-headers', 'header:linux'],
  ['libffi-dev', 'libffi-devel', 'header:ffi.h', 'pkg-config:libffi'],
  ['libssl-dev', 'openssl-devel', 'header:openssl', 'pkg-config:openssl', 'pkg-config:libssl', 'pkg-config:libcrypto'],
  ['libxml2-dev', 'libxml2-devel', 'header:libxml', 'pkg-config:libxml-2.0', 'program:xml2-config'],
  ['libxslt1-dev', 'libxslt-devel', 'header:libxslt', 'pkg-config:libxslt', 'program:xslt-config'],
  ['libxmlsec1-dev', 'xmlsec1-devel', 'header:xmlsec', 'pkg-config:xmlsec1'],
  ['libpq-dev', 'libpq-devel', 'header:libpq-fe.h', 'header:postgres_ext.h', 'pkg-config:libpq', 'program:pg_config'],
  [
    ...['default-libmysqlclient-dev', 'mariadb-connector-c-devel', 'header:mysql.h', 'header:mysql'],
    ...['pkg-config:mysqlclient', 'pkg-config:mariadb', 'pkg-config:libmariadb', 'program:mysql_config'],
  ] as unknown as [string, string, ...string[]],
  ['libsqlite3-dev', 'sqlite-devel', 'header:sqlite3.h', 'pkg-config:sqlite3'],
  ['unixodbc-dev', 'unixODBC-devel', 'header:sql.h', 'header:sqlext.h', 'pkg-config:odbc'],
  ['freetds-dev', 'freetds-devel', 'header:sybdb.h', 'header:sqlfront.h'],
  ['libldap2-dev', 'openldap-devel', 'header:ldap.h', 'header:lber.h', 'pkg-config:ldap'],
  ['libsasl2-dev', 'cyrus-sasl-devel', 'header:sasl', 'pkg-config:libsasl2'],
  ['libkrb5-dev', 'krb5-devel', 'header:krb5.h', 'header:gssapi', 'pkg-config:krb5', 'program:krb5-config'],
  ['zlib1g-dev', 'zlib-devel', 'header:zlib.h', 'pkg-config:zlib'],
  ['libbz2-dev', 'bzip2-devel', 'header:bzlib.h', 'pkg-config:bzip2'],
  ['liblzma-dev', 'xz-devel', 'header:lzma.h', 'pkg-config:liblzma'],
  ['libzstd-dev', 'libzstd-devel', 'header:zstd.h', 'pkg-config:libzstd'],
  ['liblz4-dev', 'lz4-devel', 'header:lz4.h', 'pkg-config:liblz4'],
  ['libsnappy-dev', 'snappy-devel', 'header:snappy-c.h', 'header:snappy.h', 'pkg-config:snappy'],
  ['libbrotli-dev', 'brotli-devel', 'header:brotli', 'pkg-config:libbrotlienc'],
  ['libjpeg-dev', 'libjpeg-turbo-devel', 'header:jpeglib.h', 'pkg-config:libjpeg'],
  ['libpng-dev', 'libpng-devel', 'header:png.h', 'pkg-config:libpng'],
  ['libtiff-dev', 'libtiff-devel', 'header:tiff.h', 'header:tiffio.h', 'pkg-config:libtiff-4'],
  ['libwebp-dev', 'libwebp-devel', 'header:webp', 'pkg-config:libwebp'],
  ['libopenjp2-7-dev', 'openjpeg2-devel', 'header:openjpeg.h', 'pkg-config:libopenjp2'],
  ['libfreetype-dev', 'freetype-devel', 'header:ft2build.h', 'header:freetype', 'pkg-config:freetype2'],
  ['libcairo2-dev', 'cairo-devel', 'header:cairo.h', 'header:cairo', 'pkg-config:cairo'],
  ['libgirepository1.0-dev', 'gobject-introspection-devel', 'pkg-config:gobject-introspection-1.0'],
  ['libglib2.0-dev', 'glib2-devel', 'header:glib.h', 'pkg-config:glib-2.0'],
  ['libdbus-1-dev', 'dbus-devel', 'header:dbus', 'pkg-config:dbus-1'],
  ['libsystemd-dev', 'systemd-devel', 'header:systemd', 'pkg-config:libsystemd'],
  ['libopenblas-dev', 'openblas-devel', 'header:cblas.h', 'header:openblas_config.h', 'pkg-config:openblas'],
  ['liblapack-dev', 'lapack-devel', 'header:lapacke.h', 'pkg-config:lapack'],
  ['libfftw3-dev', 'fftw-devel', 'header:fftw3.h', 'pkg-config:fftw3'],
  ['libhdf5-dev', 'hdf5-devel', 'header:hdf5.h', 'pkg-config:hdf5', 'program:h5cc'],
  ['libnetcdf-dev', 'netcdf-devel', 'header:netcdf.h', 'pkg-config:netcdf', 'program:nc-config'],
  ['libgeos-dev', 'geos-devel', 'header:geos_c.h', 'pkg-config:geos', 'program:geos-config'],
  ['libproj-dev', 'proj-devel', 'header:proj.h', 'header:proj_api.h', 'pkg-config:proj'],
  ['libgdal-dev', 'gdal-devel', 'header:gdal.h', 'header:gdal_priv.h', 'pkg-config:gdal', 'program:gdal-config'],
  ['libspatialindex-dev', 'spatialindex-devel', 'header:spatialindex', 'pkg-config:libspatialindex'],
  ['libboost-all-dev', 'boost-devel', 'header:boost'],
  ['libeigen3-dev', 'eigen3-devel', 'header:Eigen', 'header:eigen3', 'pkg-config:eigen3'],
  ['libgmp-dev', 'gmp-devel', 'header:gmp.h', 'pkg-config:gmp'],
  ['libmpfr-dev', 'mpfr-devel', 'header:mpfr.h', 'pkg-config:mpfr'],
  ['libmpc-dev', 'libmpc-devel', 'header:mpc.h'],
  ['libsodium-dev', 'libsodium-devel', 'header:sodium.h', 'pkg-config:libsodium'],
  ['libzmq3-dev', 'zeromq-devel', 'header:zmq.h', 'pkg-config:libzmq'],
  ['libcurl4-openssl-dev', 'libcurl-devel', 'header:curl', 'pkg-config:libcurl', 'program:curl-config'],
  ['librdkafka-dev', 'librdkafka-devel', 'header:librdkafka', 'pkg-config:rdkafka'],
  ['libprotobuf-dev protobuf-compiler', 'protobuf-devel protobuf-compiler', 'header:google', 'program:protoc'],
  ['libsnmp-dev', 'net-snmp-devel', 'header:net-snmp', 'program:net-snmp-config'],
  ['libpcap-dev', 'libpcap-devel', 'header:pcap.h', 'header:pcap', 'pkg-config:libpcap'],
  ['libusb-1.0-0-dev', 'libusb1-devel', 'header:libusb.h', 'pkg-config:libusb-1.0'],
  ['libudev-dev', 'systemd-devel', 'header:libudev.h', 'pkg-config:libudev'],
  ['libacl1-dev', 'libacl-devel', 'header:acl', 'pkg-config:libacl'],
  ['libattr1-dev', 'libattr-devel', 'header:attr', 'pkg-config:libattr'],
  ['libcap-dev', 'libcap-devel', 'pkg-config:libcap'],
  ['libseccomp-dev', 'libseccomp-devel', 'header:seccomp.h', 'pkg-config:libseccomp'],
  ['libselinux1-dev', 'libselinux-devel', 'header:selinux', 'pkg-config:libselinux'],
  ['libaio-dev', 'libaio-devel', 'header:libaio.h'],
  ['libvirt-dev', 'libvirt-devel', 'header:libvirt', 'pkg-config:libvirt'],
  ['libcups2-dev', 'cups-devel', 'header:cups', 'program:cups-config'],
  ['libreadline-dev', 'readline-devel', 'header:readline', 'pkg-config:readline'],
  ['libncurses-dev', 'ncurses-devel', 'header:curses.h', 'header:ncurses.h', 'pkg-config:ncurses'],
  ['portaudio19-dev', 'portaudio-devel', 'header:portaudio.h', 'pkg-config:portaudio-2.0'],
  ['libsndfile1-dev', 'libsndfile-devel', 'header:sndfile.h', 'pkg-config:sndfile'],
  ['libopenmpi-dev', 'openmpi-devel', 'header:mpi.h', 'program:mpicc'],
  ['libsuitesparse-dev', 'suitesparse-devel', 'header:suitesparse', 'header:umfpack.h', 'header:cholmod.h'],
  ['libmagic-dev', 'file-devel', 'header:magic.h'],
  ['libenchant-2-dev', 'enchant2-devel', 'header:enchant.h', 'pkg-config:enchant-2'],
  ['libre2-dev', 're2-devel', 'header:re2', 'pkg-config:re2'],
  ['libpcre2-dev', 'pcre2-devel', 'header:pcre2.h', 'pkg-config:libpcre2-8'],
  ['libyaml-dev', 'libyaml-devel', 'header:yaml.h', 'pkg-config:yaml-0.1'],
  ['tcl-dev tk-dev', 'tcl-devel tk-devel', 'header:tcl.h', 'header:tk.h'],
  ['uuid-dev', 'libuuid-devel', 'header:uuid', 'pkg-config:uuid'],
  ['libdb-dev', 'libdb-devel', 'header:db.h'],
  ['libgdbm-dev', 'gdbm-devel', 'header:gdbm.h', 'header:ndbm.h'],
];

const BY_KEY = new Map(
  TABLE.flatMap(([debian, fedora, ...keys]) => keys.map((key) => [key, { debian, fedora }] as const)),
);

/** @param need - `header:libxml/tree.h`, `pkg-config:libffi`, `program:cmake`. @returns undefined if the table has no entry */
export function systemPackages(need: string): SystemPackages | undefined {
  return BY_KEY.get(need) ?? BY_KEY.get(need.split('/')[0] ?? need);
}

/** `Debian: libffi-dev, Fedora: libffi-devel`, or the commands that find the package. */
export function describePackages(need: string): string {
  const found = systemPackages(need);
  if (found !== undefined) return `Debian: ${found.debian}, Fedora: ${found.fedora}`;
  const [kind = '', name = ''] = need.split(/:(.*)/);
  const file = kind === 'header' ? name : kind === 'pkg-config' ? `${name}.pc` : `bin/${name}`;
  return `find its package: apt-file search ${file}, dnf provides '*/${file}'`;
}
