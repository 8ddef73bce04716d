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
