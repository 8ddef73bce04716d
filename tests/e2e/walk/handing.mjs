// From the department to the window by list: one side scans and signs, the other counts, shelves and signs.

import { t } from './words.mjs'

/** Hands over what the department has made of an item, and puts it on a shelf. */
export async function handOver(reviewer, clerk, item, shelf) {
  await reviewer.tab(t('console.tab.handovers'))
  await reviewer.see('made')
  const made = reviewer.row(item).last()
  const number = (await made.locator('.figure').first().innerText()).trim()
  const hall = (await made.locator('td').nth(4).innerText()).trim()
  await reviewer.page.getByLabel(t('console.handovers.to')).selectOption({ label: hall })
  await reviewer.press(t('console.handovers.begin'))
  await reviewer.page.getByLabel(t('console.handovers.scan')).fill(number)
  await reviewer.page.keyboard.press('Enter')
  await reviewer.row(number).first().waitFor()
  await reviewer.see('list')
  await reviewer.press(t('console.handovers.give'))
  await reviewer.sees(t('delivery.list.given'))
  await clerk.tab(t('console.tab.handovers'))
  await clerk.page.locator('tr', { hasText: t('delivery.list.given') }).first().getByRole('link').click()
  await clerk.page.getByLabel(t('console.handovers.scan')).fill(number)
  await clerk.page.getByLabel(t('console.handovers.shelf')).fill(shelf)
  await clerk.press(t('console.handovers.count_one'))
  await clerk.sees(t('delivery.line.counted'))
  await clerk.see('counted')
  await clerk.press(t('console.handovers.receive'))
  await clerk.sees(t('delivery.list.counted'))
}

/** The document was looked at, and whoever collects signs on the pad. */
export async function signOnPad(clerk) {
  await clerk.press(t('console.results.checked'))
  const pad = clerk.page.locator('canvas.pad')
  await pad.scrollIntoViewIfNeeded()
  const { x, y, width, height } = await pad.boundingBox()
  await clerk.page.mouse.move(x + width * 0.2, y + height * 0.5)
  await clerk.page.mouse.down()
  for (let n = 1; n <= 12; n++) await clerk.page.mouse.move(x + width * (0.2 + n * 0.05), y + height * (0.5 + (n % 2 ? 0.2 : -0.2)))
  await clerk.page.mouse.up()
  await clerk.see('signed')
  await clerk.press(t('console.results.go'))
}
