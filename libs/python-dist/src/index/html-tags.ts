// Reads the start tags of an HTML page. htmlparser2's tokenizer alone is enough for that: its parser keeps the open elements, for which it takes
// quadratic time if a page never closes them.
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

export type Attributes = Readonly<Record<string, string | undefined>>;

/** @param onTag - called with names in lower case; of an attribute that occurs twice, the first counts */
export function readStartTags(text: string, onTag: (name: string, attributes: Attributes) => void): void {
  const tokenizer = new Tokenizer({ decodeEntities: true }, new StartTags(text, onTag));
  tokenizer.write(text);
  tokenizer.end();
}

class StartTags implements TokenizerCallbacks {
  #tag = '';
  #attributes: Record<string, string> = {};
  #name = '';
  #value = '';

  constructor(
    private readonly text: string,
    private readonly onTag: (name: string, attributes: Attributes) => void,
  ) {}

  onopentagname(start: number, end: number): void {
    this.#tag = this.text.slice(start, end).toLowerCase();
    // No prototype: an attribute may be called `constructor`.
    this.#attributes = Object.create(null) as Record<string, string>;
  }

  onattribname(start: number, end: number): void {
    this.#name = this.text.slice(start, end).toLowerCase();
    this.#value = '';
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.text.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    this.#value += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    this.#attributes[this.#name] ??= this.#value;
  }

  onopentagend(): void {
    this.onTag(this.#tag, this.#attributes);
  }

  onselfclosingtag(): void {
    this.onTag(this.#tag, this.#attributes);
  }

  readonly oncdata = ignore;
  readonly onclosetag = ignore;
  readonly oncomment = ignore;
  readonly ondeclaration = ignore;
  readonly onend = ignore;
  readonly onprocessinginstruction = ignore;
  readonly ontext = ignore;
  readonly ontextentity = ignore;
}

function ignore(): void {
  // Only start tags are read.
}
