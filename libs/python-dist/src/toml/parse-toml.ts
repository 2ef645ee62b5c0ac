/** Parses TOML and reports a syntax error by file, line and column. */
import { parse, TomlError, type TomlTable } from 'smol-toml';
import { encodingIssue, withoutMark } from '@pinpack/common/text-encoding';
import { distError, type DistErrorCode } from '../dist-error.js';
import { parsePlainToml } from './parse-plain-toml.js';
import { asTable } from './table-reader.js';

/** @param file - its name, for messages. @throws DistError with the code */
export function parseToml(text: string, file: string, code: DistErrorCode): TomlTable {
  const encoding = encodingIssue(text, file);
  if (encoding !== undefined) throw distError(file, code, encoding);
  try {
    const plain = withoutMark(text);
    return parsePlainToml(plain) ?? asTable(parse(plain)) ?? {};
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // Without the cause, whose text may contain a password.
    throw distError(`${file}:${cause.line}:${cause.column}`, code, cause.message);
  }
}
