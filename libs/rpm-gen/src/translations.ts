/** Translations of a header's texts: each is a list, in the order of the languages of HEADERI18NTABLE (rpm.org, "RPM V4 header tags"). */
import { decodeHeader } from './header-reader.js';
import { readRpm, type ReadRpm } from './read.js';
import type { RpmSpec, Translation } from './spec.js';
import { TRANSLATED_TAGS, type HeaderTags, type TagValues } from './tags.js';

/** The language of the untranslated texts. */
const UNTRANSLATED = 'C';

/**
 * Texts by language, such as `de` or `pt_BR`; those without a translation are left out, and so is the untranslated text, which `readRpm` gives.
 *
 * @throws RpmError `RPM_DAMAGED`
 */
export function readTranslations(rpm: Uint8Array, subject = 'RPM'): Record<string, Translation> {
  return translationsOf(readRpm(rpm, subject), Buffer.from(rpm.buffer, rpm.byteOffset, rpm.byteLength), subject);
}

/** @param bytes - the file up to the end of the header, at least */
export function translationsOf(
  { header, headerOffset }: ReadRpm,
  bytes: Buffer,
  subject: string,
): Record<string, Translation> {
  const { values } = decodeHeader(bytes, headerOffset, TRANSLATED_TAGS, `${subject}: header`);
  const texts = Object.entries({ summary: values.SUMMARY, description: values.DESCRIPTION, group: values.GROUP });
  const languages = (header.HEADERI18NTABLE ?? []).map((language, at): [string, Translation] => [
    language,
    Object.fromEntries(texts.flatMap(([name, all]) => ((all?.[at] ?? '') === '' ? [] : [[name, all?.[at]]]))),
  ]);
  return Object.fromEntries(
    languages.filter(([language, found]) => language !== UNTRANSLATED && Object.keys(found).length > 0),
  );
}

/** As rpmbuild writes them: up to the last language that has one, with empty texts between. */
export function translationTags(
  spec: RpmSpec,
): TagValues<typeof TRANSLATED_TAGS> & Pick<HeaderTags, 'HEADERI18NTABLE'> {
  const { translations = {}, summary, description, group = 'Unspecified' } = spec;
  const all = Object.values(translations);
  const list = (first: string, field: keyof Translation) => {
    const found = [first, ...all.map((one) => one[field]?.trimEnd() ?? '')];
    return found.slice(0, Math.max(1, found.findLastIndex((text) => text !== '') + 1));
  };
  return {
    HEADERI18NTABLE: [UNTRANSLATED, ...Object.keys(translations)],
    SUMMARY: list(summary, 'summary'),
    DESCRIPTION: list(description.trimEnd(), 'description'),
    GROUP: list(group, 'group'),
  };
}
