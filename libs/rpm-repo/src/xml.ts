/** Escapes text for XML. Characters that XML 1.0 does not allow, such as control characters, are left out. */
const REFERENCES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
// Extensible Markup Language (XML) 1.0, "Characters".
const NO_CHARACTERS = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** For contents and for attributes. */
export function escapeXml(text: string): string {
  return text.replace(NO_CHARACTERS, '').replace(/[&<>"']/g, (character) => REFERENCES[character] ?? '');
}
