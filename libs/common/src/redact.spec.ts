import { describe, expect, test } from 'vitest';
import { CodedError } from './coded-error.js';
import { hasUrlSecrets, redactUrls } from './redact.js';

describe('a URL is shown without its secrets', () => {
  test.each([
    ['https://user:secret@index.example/simple', 'https://…@index.example/simple'],
    ['https://secret@index.example:8443/simple/', 'https://…@index.example:8443/simple/'],
    ['https://user:se@cret@index.example/simple', 'https://…@index.example/simple'],
    ['https://user:se/cr/et@index.example/simple', 'https://…@index.example/simple'],
    ['https://user:s%40cret@index.example/a@b', 'https://…@index.example/a@b'],
    ['git+https://secret@git.example/x.git@main#egg=x', 'git+https://…@git.example/x.git@main#egg=x'],
    ['s3://key:secret@bucket/prefix', 's3://…@bucket/prefix'],
    ['HTTPS://User:Secret@index.example', 'HTTPS://…@index.example'],
    ['https://index.example/x?access_token=secret&a=b', 'https://index.example/x?access_token=…&a=b'],
    ['https://s3.example/x?X-Amz-Signature=secret&X-Amz-Date=1', 'https://s3.example/x?X-Amz-Signature=…&X-Amz-Date=1'],
    [
      '--extra-index-url=https://user:secret@a.example/ https://b:secret@c.example',
      '--extra-index-url=https://…@a.example/ https://…@c.example',
    ],
    ['("https://user:secret@a.example/simple")', '("https://…@a.example/simple")'],
  ])('%s', (text, shown) => {
    expect(redactUrls(text)).toBe(shown);
    expect(redactUrls(text)).not.toMatch(/secret(?!_)/i);
    expect(redactUrls(shown)).toBe(shown);
    expect(hasUrlSecrets(text)).toBe(true);
  });

  test.each([
    '',
    'a@b',
    'numpy==2.0',
    'https://index.example/simple/',
    'https://a.example/@scope/x',
    'git+https://a.example:8443/x.git@main',
    'me@a.example https://b.example/x?page=2',
  ])('but %j is unchanged', (text) => {
    expect(redactUrls(text)).toBe(text);
    expect(hasUrlSecrets(text)).toBe(false);
  });

  test('the user of an ssh URL is no secret', () => {
    expect(hasUrlSecrets('git+ssh://git@git.example/x.git')).toBe(false);
  });
});

test('errors have no secrets in subject and message, whatever they are made of', () => {
  const error = new CodedError('X', 'https://user:secret@a.example', [
    'found https://u:secret@b.example/?token=secret',
    'next',
  ]);
  expect(`${error.message} ${error.subject} ${JSON.stringify(error)} ${error.stack ?? ''}`).not.toContain('secret');
});
