/** Says what to write instead of an option of pip that pinpack does not take from a requirements file. */

const SETTING = 'in reqset.json';

/** For an option on a line of its own. @param option - its long name */
export function adviceForOption(option: string, value = ''): string {
  switch (option) {
    case '--index-url':
    case '--extra-index-url':
      return 'Configure the index for pip or uv, so that the pins work with any mirror: PIP_INDEX_URL, UV_INDEX, pip.conf or uv.toml. "index" in reqset.json assigns names to one of several.';
    case '--trusted-host':
      return 'Configure the certificate of the index on the machine: PIP_CERT, SSL_CERT_FILE, or "cert" in pip.conf.';
    case '--no-index':
      return 'Remove it: the index is configured on the machine. A wheel of the workspace is required by its path: name @ file:wheels/name-1.0-py3-none-any.whl';
    case '--find-links':
      return 'Require each wheel by its path, relative to this file: name @ file:wheels/name-1.0-py3-none-any.whl. Or serve the folder as an index.';
    case '--no-binary':
      return `Write ${SETTING}: "build": {"${/^[\w.-]+$/.test(value) ? value : 'name'}": {"from": "sdist"}}, one entry for each name.`;
    case '--only-binary':
      return 'Remove it: pinpack builds only versions that have no wheel. Pin a version that has a wheel.';
    case '--pre':
      return 'Allow pre-releases where they are needed, by the version: name>=2.0rc1';
    default:
      return 'Remove it.';
  }
}

/** For an option after a requirement: `--config-settings`, `--global-option`. @param name - of the distribution */
export function adviceForRequirementOption(word: string, value: string, name: string): string {
  const [, option = word, joined] = /^([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const text = (joined ?? value).replaceAll(/^["']|["']$/g, '');
  if (/^(?:--config-settings?|-C)$/.test(option)) {
    const [key = 'key', setting = 'value'] = text === '' ? [] : text.split(/=(.*)/s);
    return `Write ${SETTING}: ${JSON.stringify({ build: { [name]: { configSettings: { [key]: setting } } } })}`;
  }
  if (/^--(?:global|install|build)-option$/.test(option)) {
    const settings = { '--global-option': text === '' ? 'value' : text };
    return `Write ${SETTING}: ${JSON.stringify({ build: { [name]: { configSettings: settings } } })}, if its build backend is setuptools.`;
  }
  return 'expected --hash';
}
