/** A document camera at the desk: pages taken, turned, cut and put in order, several to one PDF, by keys alone. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Stage } from './stage.mjs'

let stage
before(async () => { stage = await Stage.open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']) }, { timeout: 60_000 })
after(async () => stage?.end())

/** The first application of the list that has a paper to scan. */
async function toScan(desk) {
  await desk.go('/cases?list=accept')
  const found = await desk.page.locator('tbody a.figure, tbody td.figure a').evaluateAll((links) => links.map((one) => one.getAttribute('href')))
  for (const href of found) {
    await desk.page.goto(new URL(href, desk.page.url()).href)
    if (await desk.page.getByRole('link', { name: /扫描材料/ }).isVisible()) return
  }
  throw new Error('nothing to scan')
}

const picture = (page, shade, [width, height] = [600, 800]) => page.evaluate(async ([fill, wide, high]) => {
  const sheet = Object.assign(document.createElement('canvas'), { width: wide, height: high })
  const pen = sheet.getContext('2d')
  pen.fillStyle = fill
  pen.fillRect(0, 0, wide, high)
  return sheet.toDataURL('image/png').split(',')[1]
}, [shade, width, height]).then((text) => Buffer.from(text, 'base64'))

test('two pages of a camera become one PDF', { timeout: 90_000 }, () => stage.tell('scan-camera', async () => {
  const desk = await stage.desk('clerk1')
  const { page } = desk
  await page.setViewportSize({ width: 1440, height: 900 })
  await toScan(desk)
  await page.keyboard.press('k')
  await page.waitForURL(/\/scan$/)
  await page.keyboard.press('o')
  await page.locator('#scan-video').waitFor({ state: 'visible' })
  await page.waitForFunction(() => document.getElementById('scan-video').videoWidth > 0)
  await page.locator('#scan-shoot:focus').waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('s')
  await page.getByRole('button', { name: '第 2 页' }).waitFor()
  const size = () => page.locator('#scan-canvas').evaluate((one) => [one.width, one.height])
  const [width, height] = await size()
  await page.getByRole('button', { name: '左转' }).press('Enter')
  assert.deepEqual(await size(), [height, width])
  await page.getByLabel('上', { exact: true }).fill('50')
  await page.getByRole('button', { name: '裁剪' }).press('Enter')
  assert.deepEqual(await size(), [height, Math.round(width / 2)])
  await page.getByRole('button', { name: '撤销' }).press('Enter')
  assert.deepEqual(await size(), [height, width])
  await page.getByRole('button', { name: '前移' }).press('Enter')
  await stage.picture(page, 'scan')
  await page.getByRole('button', { name: '保存到材料' }).press('Enter')
  await page.locator('.paper img').first().waitFor()
  assert.equal(await page.locator('#scan-pages li').count(), 0)
}))

test('files are chosen or dropped, and what is no paper is said', { timeout: 90_000 }, () => stage.tell('scan-files', async () => {
  const desk = await stage.desk('clerk1')
  const { page } = desk
  await toScan(desk)
  await page.getByRole('link', { name: /扫描材料/ }).click()
  await page.waitForURL(/\/scan$/)
  const before = await page.locator('.paper').count()
  await page.setInputFiles('#scan-files', [{ name: '坏.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') }])
  await page.getByText('坏.jpg 不是图片').waitFor()
  await page.setInputFiles('#scan-files', [{ name: 'a.png', mimeType: 'image/png', buffer: await picture(page, '#886644') }])
  await page.getByRole('button', { name: '第 1 页' }).waitFor()
  const box = await page.locator('#scan-canvas').boundingBox()
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.25)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.75)
  await page.mouse.up()
  await page.getByRole('button', { name: '裁剪' }).click()
  const [width] = await page.locator('#scan-canvas').evaluate((one) => [one.width])
  assert.ok(Math.abs(width - 300) < 20, `${width}`)
  await page.getByRole('button', { name: '保存到材料' }).click()
  await page.waitForFunction((known) => document.querySelectorAll('.paper').length > known, before)
  await page.setInputFiles('#scan-files', [{ name: '坏.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4 /JavaScript') }])
  await page.locator('#alert [role=alert]').waitFor()
}))

test('a photo that is too small is refused where one stands, and a large one is made as large as the guide says', { timeout: 90_000 }, () => stage.tell('scan-size', async () => {
  const desk = await stage.desk('clerk1')
  const { page } = desk
  await desk.go('/receive?q=社会保障卡')
  await page.locator('ul.links a').first().click()
  await page.waitForURL(/item=/)
  await page.locator('[name=name]').fill('李明')
  await page.locator('[name=number]').fill(process.env.LI_MING)
  await page.locator('[name=number]').press('Enter')
  await page.waitForURL(/cases\/[0-9a-f-]+$/)
  await page.getByRole('link', { name: /扫描材料/ }).click()
  await page.waitForURL(/\/scan$/)
  const line = await page.locator('#scan-line option[data-size]').first().getAttribute('value')
  await page.locator('#scan-line').selectOption(line)
  await page.getByText('照片不小于 358×441 像素').waitFor()
  const keeps = async (shade, size) => {
    await page.setInputFiles('#scan-files', [{ name: 'a.png', mimeType: 'image/png', buffer: await picture(page, shade, size) }])
    await page.getByRole('button', { name: '保存到材料' }).click()
  }
  await keeps('#557799', [300, 400])
  await page.locator('#alert').getByText('300×400 像素').waitFor()
  assert.equal(await page.locator('.paper').count(), 0)
  await page.getByRole('button', { name: '删掉这页' }).click()
  // A guide that asks for exactly so many.
  await page.locator(`#scan-line option[value="${line}"]`).evaluate((one) => { one.dataset.largest = one.dataset.least })
  await keeps('#775599', [900, 1300])
  await page.locator('.paper img').first().waitFor()
  const size = await page.locator('.paper').first().evaluate(async (link) => {
    const kept = await createImageBitmap(await (await fetch(link.href)).blob())
    return [kept.width, kept.height]
  })
  assert.deepEqual(size, [358, 441])
}))
