/** A result at the counter: its code on the phone, a scanner that types like a keyboard, and three strokes to the end. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import jsqr from 'jsqr'
import { PNG } from 'pngjs'
import { APP, Stage } from './stage.mjs'

const PEOPLE = ['zhang-guilan', 'wang-fang', 'chen-jianguo', 'liu-yang', 'li-ming']
const COUNTY = 'clerk1'
const TOWN = 'clerk2'
let stage

before(async () => { stage = await Stage.open() }, { timeout: 60_000 })
after(async () => stage?.end())

/** Somebody of the sample for whom something lies at a counter, on the page that says so. */
async function collecting() {
  for (const key of PEOPLE) {
    const phone = await stage.phone(key)
    await phone.app.locator('.screen, uni-page').first().waitFor()
    const frame = phone.page.frames().find((one) => one.url().startsWith(APP))
    const thread = await frame.evaluate(async (key) => {
      const token = () => JSON.parse(localStorage.getItem(`onetrip.${key}.token`))
      const get = async (path) => (await fetch(`/api/v1${path}`, { headers: { Authorization: `Bearer ${token()}` } })).json()
      // A phone that has just been switched on may log in anew, which ends the login before.
      for (let tries = 0; tries < 50 && !(token() && (await get('/threads')).items); tries += 1) await new Promise((done) => setTimeout(done, 100))
      for (const { id } of (await get('/threads')).items ?? []) {
        const { delivery } = await get(`/threads/${id}`)
        if (delivery?.pickup_code && delivery.method === 'counter') return id
      }
      return null
    }, key)
    if (thread) return stage.phone(key, `features/delivery/pages/pickup?thread=${thread}`)
    await phone.page.context().close()
    stage.pages = stage.pages.filter((one) => one !== phone.page)
  }
  throw new Error('nothing lies at any counter')
}

/** What a camera reads off the phone. */
async function read(phone) {
  const picture = phone.app.locator('.qr').first()
  await picture.waitFor()
  const { data, width, height } = PNG.sync.read(await picture.screenshot())
  return jsqr(new Uint8ClampedArray(data), width, height)?.data
}

/** A scanner is a keyboard that types fast and ends with Enter. */
async function scan(page, text) {
  await page.locator('[name=code]:focus').waitFor()
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

async function draw(page) {
  const { x, y, width, height } = await page.locator('canvas.pad').boundingBox()
  await page.mouse.move(x + width * 0.2, y + height * 0.5)
  await page.mouse.down()
  for (let n = 1; n <= 12; n += 1) await page.mouse.move(x + width * (0.2 + n * 0.05), y + height * (n % 2 ? 0.7 : 0.3))
  await page.mouse.up()
}

test('scan, check, sign: three strokes; the counter of another hall says where', { timeout: 120_000 }, () => stage.tell('counter', async () => {
  const phone = await collecting()
  await phone.sees('取件码')
  await stage.picture(phone.page, 'counter-phone')
  const code = await read(phone)
  assert.equal(code, (await phone.read('.pickup-code')).replace(/\s/g, ''))

  const hall = (await phone.read('.cell')).split('\n')[0].trim()
  const [here, elsewhere] = /乡|镇/.test(hall) ? [TOWN, COUNTY] : [COUNTY, TOWN]
  const other = (await stage.desk(elsewhere)).page
  await other.goto(`${APP}/console/results`)
  await scan(other, code)
  const said = other.locator('#alert [role=alert]')
  await said.waitFor()
  assert.ok((await said.innerText()).includes(hall), await said.innerText())

  const { page } = await stage.desk(here)
  await page.goto(`${APP}/console/results`)
  let strokes = 0
  await page.exposeFunction('stroke', () => { strokes += 1 })
  await page.addInitScript(() => document.addEventListener('keydown', () => globalThis.stroke(), true))
  await page.reload()
  await scan(page, code)
  await page.locator('[data-key=c]:focus').waitFor()
  assert.equal(strokes, code.length + 1, 'the scanner’s own')
  await page.keyboard.press('Enter')
  await page.locator('canvas.pad').waitFor()
  await draw(page)
  await page.keyboard.press('s')
  await page.locator('p.done').waitFor()
  assert.equal(strokes - code.length - 1, 2, 'the scan and two keys more')
  // Whoever is next can be scanned without a hand on the mouse.
  await page.locator('[name=code]:focus').waitFor()
  await phone.lacks('取件码')
  await phone.sees('已领取')
}))
