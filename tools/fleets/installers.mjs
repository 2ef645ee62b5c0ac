// The commands of each installer. They see no repositories but those of the matrix.

/** @type {Record<string, { folder: string, refresh: string, install: string, upgrade: string, rollback: string, remove: string }>} */
export const INSTALLERS = {
  dnf: {
    folder: '/etc/yum.repos.d',
    refresh: 'dnf -y clean all',
    install: 'dnf -y --setopt=install_weak_deps=False install',
    upgrade: 'dnf -y upgrade',
    rollback: 'dnf -y distro-sync',
    remove: 'dnf -y remove',
  },
  dnf5: {
    folder: '/etc/yum.repos.d',
    refresh: 'dnf5 -y clean all',
    install: 'dnf5 -y --disable-plugin=local install',
    upgrade: 'dnf5 -y --disable-plugin=local upgrade',
    // Its plugin `local`, which Debian enables, offers the newer RPMs that it has downloaded.
    rollback: 'dnf5 -y --disable-plugin=local distro-sync',
    remove: 'dnf5 -y --disable-plugin=local remove',
  },
  zypper: {
    folder: '/etc/zypp/repos.d',
    refresh: 'zypper -n --gpg-auto-import-keys refresh --force',
    install: 'zypper -n install --no-recommends',
    // Without this, libzypp downloads RPMs ahead, and then the deltas too.
    upgrade: 'ZYPP_PCK_PRELOAD=0 zypper -n update',
    rollback: 'zypper -n dup --allow-downgrade --allow-vendor-change',
    remove: 'zypper -n remove --clean-deps',
  },
};

/** A file of repositories for both families. @param {Record<string, { url: string, key?: string }>} repositories */
export function formatRepositories(repositories) {
  return Object.entries(repositories)
    .map(([name, { url, key }]) =>
      [
        `[${name}]`,
        `name=${name}`,
        `baseurl=${url}`,
        'enabled=1',
        'type=rpm-md',
        ...(key === undefined ? ['gpgcheck=0', 'repo_gpgcheck=0', 'pkg_gpgcheck=0'] : ['gpgcheck=1', `gpgkey=${key}`]),
        '',
      ].join('\n'),
    )
    .join('\n');
}
