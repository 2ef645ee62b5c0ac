/** The page of `report --html` in Chromium, from a file, as people open it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { formatPage } from './format-page.js';
import { makeReport, readAssets } from './make-report.js';
import { HOSTILE, samplePage } from './sample-page.fixture.js';

const CHROMIUM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/lib64/chromium-browser/chromium-browser',
].find(existsSync);
/** Chromium draws without a graphics processor here, beside other specs. */
const TIMEOUT_MS = 120_000;
const WIDTHS = [390, 1024, 1600];
const ROOT = new URL('../../../..', import.meta.url).pathname;

// tools/setup-system.sh installs it.
describe.skipIf(CHROMIUM === undefined)('the page in Chromium', () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const folder = temporaryFolder();
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
      args: ['--no-sandbox'],
    });
    const assets = await readAssets();
    const write = (name: string, html: string): void => {
      writeFileSync(join(folder, name), html);
    };
    write('sample.html', formatPage(samplePage(60), assets));
    write('large.html', formatPage(samplePage(2000), assets));
    const webset = await makeReport({
      ...{ root: ROOT, nxJson: { plugins: ['pinpack'] }, sets: ['webset'], isWorkspace: false },
      ...{ publication: undefined, isOffline: true, environment: { PINPACK_STORE_MODE: 'off' }, now: new Date() },
    });
    write('webset.html', webset.html);
  });
  afterAll(() => browser.close());

  /** Anything that the page loads, refuses or throws is an error. */
  async function open(
    name: string,
    width: number,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, reducedMotion: 'reduce' });
    page.setDefaultTimeout(TIMEOUT_MS);
    const errors: string[] = [];
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().endsWith(name)) errors.push(`requests ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, name)).href);
    return { page, errors };
  }

  async function findings(page: Page): Promise<string[]> {
    await page.evaluate(axe);
    const { violations } = await page.evaluate<AxeResults>(`axe.run({ resultTypes: ['violations'] })`);
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''} ${nodes[0]?.failureSummary ?? ''}`);
  }

  const overflow = (page: Page): Promise<number> =>
    page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

  test.each([
    ['webset.html', 'light'],
    ['sample.html', 'dark'],
  ] as const)('%s is accessible, and not wider than the screen', async (name, scheme) => {
    const { page, errors } = await open(name, 1600, scheme);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      expect({ width, overflow: await overflow(page), findings: await findings(page) }).toEqual({
        width,
        overflow: 0,
        findings: [],
      });
    }
    await page.getByRole('table', { name: 'Pins' }).getByRole('button').last().click();
    await page.getByRole('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  test(
    'has 2,000 pins, filters them, and finds one in the picture',
    async () => {
      const { page, errors } = await open('large.html', 1024);
      // By ids: to find elements by their roles takes seconds here.
      const rows = page.locator('#pins tbody tr');
      expect(await rows.count()).toBe(2000);
      await page.locator('#pin-filter').fill('package-1999');
      expect(await rows.count()).toBe(1);
      const find = page.locator('#picture-search');
      await find.fill('package-1999');
      await find.press('Enter');
      await page.locator('#dependencies .status', { hasText: 'package-1999 1.19.1: leads to' }).waitFor();
      await page.locator('.canvas canvas').first().waitFor();
      // The picture moves by keys.
      await page.locator('.picture').focus();
      for (const key of ['ArrowRight', '+', '-', '0', 'Escape']) await page.keyboard.press(key);
      await page.locator('#dependencies .status', { hasText: '2,000 pins, ' }).waitFor();
      expect(await overflow(page)).toBe(0);
      expect(errors).toEqual([]);
      await page.close();
    },
    TIMEOUT_MS,
  );

  test('works by keyboard: sorts, opens details, explains a pin, shows it in the picture, and returns the focus', async () => {
    const { page, errors } = await open('sample.html', 1600);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    const pins = page.getByRole('table', { name: 'Pins', exact: true });
    await pins.getByRole('button', { name: 'Download' }).press('Enter');
    expect(await pins.locator('[aria-sort]').getAttribute('aria-sort')).toBe('descending');
    const name = pins.locator('tbody tr').first().getByRole('button');
    await name.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Why it is here').waitFor();
    expect(await dialog.locator('.routes').textContent()).toMatch(/requirements\.txt:\d+/);
    await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(false);
    const focused = await page.evaluate<string>('document.activeElement.textContent');
    expect(focused).toBe(await name.textContent());
    await name.press('Enter');
    await dialog.getByRole('button', { name: 'Show in the dependency picture' }).press('Enter');
    await page.getByText(/: leads to \d+ pins/).waitFor();
    await page.getByRole('radio', { name: 'Delta' }).check({ force: true });
    await page.getByText('sizes of the smallest delta RPMs').waitFor();
    await page.getByRole('combobox', { name: 'Set' }).selectOption('sample-2');
    expect(await page.locator('.target').textContent()).toContain('sample-2: Python 3.11.2');
    expect(errors).toEqual([]);
    await page.close();
  });

  test('shows hostile texts as texts, and makes links of web addresses alone', async () => {
    const { page, errors } = await open('sample.html', 1600);
    expect(await page.title()).toBe(`Sample ${HOSTILE}`);
    expect(await page.locator('img').count()).toBe(0);
    await page.getByRole('table', { name: 'Pins', exact: true }).getByRole('button', { name: HOSTILE }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain(`refused: ${HOSTILE}`);
    expect(await dialog.locator('a').count()).toBe(0);
    const links = await page.evaluate<string[]>('[...document.links].map((one) => one.getAttribute("href"))');
    expect(links.filter((href) => !/^(?:https:\/\/example\.com\/|#)/.test(href))).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
