// Parses pip.conf as Python's configparser does: sections, `key = value` or `key: value`, and values that continue on indented lines.

const SECTION = /^\[(?<name>[^\]]+)\]/;
const OPTION = /^(?<key>[^=:]*?)\s*[=:]\s*(?<value>.*)$/;

/** Settings by lower-case key, by section. Lines of one value are joined by line breaks; other lines are ignored. */
export function parseIni(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let open: { key: string; indent: number } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const content = line.trim();
    // Neither an empty line nor a comment ends a value.
    if (content === '' || /^[#;]/.test(content)) continue;
    const indent = line.length - line.trimStart().length;
    if (section !== undefined && open !== undefined && indent > open.indent) {
      section.set(open.key, `${section.get(open.key) ?? ''}\n${content}`);
      continue;
    }
    const { name } = SECTION.exec(content)?.groups ?? {};
    if (name !== undefined) {
      section = sections.get(name) ?? new Map<string, string>();
      sections.set(name, section);
      open = undefined;
      continue;
    }
    const { key, value } = OPTION.exec(content)?.groups ?? {};
    if (section === undefined || key === undefined || value === undefined) continue;
    open = { key: key.toLowerCase(), indent };
    section.set(open.key, value);
  }
  return sections;
}
