// Checks values of unit files, so that a mistake is found when the RPM is built and not when the server ignores the line (systemd.time(7), systemd.service(5)). Pure.

const DAY = '(?:mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';
const DAYS = `${DAY}(?:(?:\\.\\.|-)${DAY})?`;
const NUMBER = '(?:\\*|\\d+(?:\\.\\.\\d+)?)(?:/\\d+)?';
const NUMBERS = `${NUMBER}(?:,${NUMBER})*`;
const SECONDS = '(?:\\*|\\d+(?:\\.\\d+)?(?:\\.\\.\\d+(?:\\.\\d+)?)?)(?:/\\d+(?:\\.\\d+)?)?';
const DATE = `(?:${NUMBERS}-)?${NUMBERS}[-~]${NUMBERS}`;
const TIME = `${NUMBERS}:${NUMBERS}(?::${SECONDS}(?:,${SECONDS})*)?`;
const ZONE = '(?:UTC|[A-Za-z][A-Za-z_]*(?:/[A-Za-z0-9_+-]+)+)';
const PARTS = `(?:${DAYS}(?:,${DAYS})*,?(?: |$))? *(?:${DATE}(?: |$))? *(?:${TIME})?`;
const SHORTHAND =
  '(?:minutely|hourly|daily|monthly|weekly|yearly|annually|quarterly|semi-?annually|biannually|bi-annually)';
const CALENDAR = new RegExp(`^(?:${SHORTHAND}|(?=\\S)${PARTS})(?:(?: |(?<= ))${ZONE})?$`, 'i');

const UNIT =
  '(?:usec|us|µs|μs|msec|ms|seconds|second|sec|s|minutes|minute|min|months|month|M|m|hours|hour|hr|h|days|day|d|weeks|week|w|years|year|y)';
const TIME_SPAN = new RegExp(`^(?:infinity|(?:\\d+(?:\\.\\d+)? *${UNIT}? *)+)$`);

/** Of OnCalendar. */
export function isCalendar(text: string): boolean {
  return CALENDAR.test(text);
}

/** Of RandomizedDelaySec. */
export function isTimeSpan(text: string): boolean {
  return TIME_SPAN.test(text);
}

/** Whether the port of a ListenStream, if it has one, exists. */
export function isPort(address: string): boolean {
  const port = /^[/@]/.test(address) ? undefined : /(?:^|:)(\d+)$/.exec(address)?.[1];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** Of ExecStart: what is quoted ends, and a backslash is before a character. */
export function isCommandLine(text: string): boolean {
  return /^(?:[^'"\\]|\\.|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*$/.test(text);
}
