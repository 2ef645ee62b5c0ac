import { describe, expect, it } from 'vitest';
import { linksOf } from './links.js';

describe('the links of an advisory', () => {
  const page = 'https://example.com/page';
  it.each([['Changelog'], ['Release notes'], ['Change Log'], ["What's New"], ['History'], ['release-notes']])(
    'have the page that METADATA calls %s',
    (label) => {
      const projectUrls = [
        { label: 'Source', url: 'https://example.com/source' },
        { label, url: page },
      ];
      expect(linksOf({ projectUrls, homepage: 'https://example.com' })).toEqual([
        { title: 'Changelog', href: page },
        { title: 'Homepage', href: 'https://example.com' },
      ]);
    },
  );

  it('are web pages', () => {
    const projectUrls = [{ label: 'Changelog', url: 'javascript:alert(1)' }];
    expect(linksOf({ projectUrls, homepage: 'see the README' })).toEqual([]);
    const escapes = [{ label: 'Changelog', url: 'https://example.com/\u001b[2J' }];
    expect(linksOf({ projectUrls: escapes, homepage: 'https://example.com/\u202e' })).toEqual([]);
  });
});
