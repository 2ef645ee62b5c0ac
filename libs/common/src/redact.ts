// Removes secrets from URLs in texts: user names, passwords and tokens. Messages, logs and files must not contain them.

/** A URL up to a character that ends it in messages, files and shells. */
const URL_TEXT = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`<>\\^{}|]+/gi;
/** User name and password: everything up to the last @ before the path. A password may contain an unescaped @. */
const USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i;
/** A password with an unescaped slash: `https://user:pa/ss@host`. */
const BROKEN_USER_INFO = /^([a-z][a-z0-9+.-]*:\/\/)[^/?#@:]+:(?!\d+\/)[^@]*@/i;
/** Parameters that carry a secret, by a part of their name. */
const SECRET_PARAMETER =
  /([?&;][^=&;#\s]*(?:token|secret|password|passwd|key|sig|auth|credential)[^=&;#\s]*=)[^&;#\s]*/gi;
const SHOWN = '…';

/** The text without credentials in its URLs: `https://…@host/path?token=…`. */
export function redactUrls(text: string): string {
  // Most texts have no URL, and this runs for every error.
  if (!text.includes('://')) return text;
  return text.replaceAll(URL_TEXT, (url) =>
    hideUserInfo(url).replaceAll(SECRET_PARAMETER, (_, name: string) => `${name}${SHOWN}`),
  );
}

/** Whether a URL of the text has a password or a token. A user name without password counts too: tokens are written like that. */
export function hasUrlSecrets(text: string): boolean {
  return redactUrls(text) !== text && [...text.matchAll(URL_TEXT)].some(([url]) => !isHarmless(url));
}

/** `git+ssh://git@host`: the user name by which everyone connects. */
function isHarmless(url: string): boolean {
  return redactUrls(url) === url || /^(?:git\+)?ssh:\/\/[a-z0-9_-]+@/i.test(url);
}

function hideUserInfo(url: string): string {
  const hidden = url.replace(USER_INFO, `$1${SHOWN}@`);
  return hidden === url ? url.replace(BROKEN_USER_INFO, `$1${SHOWN}@`) : hidden;
}
