// Reads the XML documents of S3, which have no attributes that matter here.
import { parseXml, XmlElement, XmlError } from '@rgrove/parse-xml';

/** The root element; undefined for what is no XML. */
export function parseDocument(document: string): XmlElement | undefined {
  try {
    return parseXml(document).root ?? undefined;
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

export function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((node): node is XmlElement => node instanceof XmlElement && node.name === name);
}

/** Of the first child of that name. */
export function textOf(parent: XmlElement, name: string): string | undefined {
  return childrenOf(parent, name)[0]?.text;
}
