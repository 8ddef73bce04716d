/** The whole thread, twice, on sandbox phones and at the desk: a visit with an appointment, and an application online. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { photograph } from './picture.mjs'
import { Stage } from './stage.mjs'

const SLOW = { timeout: 120_000 }
let stage

before(async () => (stage = await Stage.open()), SLOW)
after(async () => stage?.end())

test('a first-time visitor books, is confirmed, comes, is called and says how it was', SLOW, () => stage.tell('visit', async () => {
  const phone = await stage.phone('li-ming')
  await phone.tap(/居民身份证换领/)
  await phone.tap('预约办理')
  await phone.choose(/政务服务中心/)
  await phone.app.locator('.slot:not(.slot-full)').last().click()
  await phone.tap('提交预约')

  // Nobody is asked for WeChat's leave before the consent and the name are in order.
  await phone.tap('同意')
  await phone.fill('姓名', '李明')
  await phone.fill('证件号码', process.env.LI_MING ?? '')
  await phone.tap('提交认证')
  await phone.tap('提交预约')
  await phone.outside('允许')
  await phone.sees('待大厅确认')

  const desk = await stage.desk('clerk1')
  await desk.go('/bookings')
  await desk.row('李*').getByRole('button', { name: '确认' }).click()
  await desk.row('李*').getByText('预约成功').waitFor()

  await phone.openMessage('预约')
  await phone.sees('预约成功')
  await phone.app.getByRole('img', { name: '预约签到码' }).waitFor()

  await desk.go('/bookings')
  await desk.row('李*').getByRole('button', { name: '签到' }).click()
  await phone.tap(/查看办件进度/)
  await phone.tap(/排队号/)
  await phone.sees(/前面还有|下一位就是您/)

  await desk.call('李*')
  await phone.sees(/请到/)
  await desk.press('开始')
  await desk.press('办结')
  await phone.sees('已办结')
}))

test('an old woman applies at home, shows the card she gets, collects it and complains', SLOW, () => stage.tell('application', async () => {
  const phone = await stage.phone('zhang-guilan')
  await phone.sees('标准版')
  await phone.app.getByRole('link', { name: /要办什么事/ }).click()
  await phone.fill('要办什么事', '优待证')
  await phone.app.getByLabel('要办什么事').press('Enter')
  await phone.tap(/优待证/)
  await phone.tap('在线申请')
  await phone.tap('下一步')
  const [chooser] = await Promise.all([phone.page.waitForEvent('filechooser'), choosePhoto(phone)])
  await chooser.setFiles({ name: 'me.png', mimeType: 'image/png', buffer: photograph() })
  await phone.app.locator('.thumb-picture').waitFor()
  await phone.sees('已自动保存')
  await phone.tap('下一步')
  await phone.tap('提交申请')
  await phone.outside('允许')
  await phone.sees('办理进度')
  await phone.tap('有进展用微信通知我')
  await phone.outside('允许')

  const clerk = await stage.desk('clerk1')
  await clerk.go('/cases')
  await clerk.row('张*').getByRole('link').first().click()
  await clerk.press('受理')
  const reviewer = await stage.desk('reviewer1')
  await reviewer.go('/cases')
  await reviewer.row('张*').getByRole('link').first().click()
  await reviewer.press('准予')

  const wallet = await stage.phone('zhang-guilan', 'pages/certificates')
  await wallet.tap(/优待证/)
  await wallet.tap('出示证照')
  await wallet.sees('请对方扫码核验')

  const stranger = await stage.phone('wang-fang')
  await stranger.scanShown('优待证')
  await stranger.sees(/证照有效|有效/)
  await stranger.sees('张')

  await clerk.go('/results')
  await clerk.row('张*').locator('[name=shelf]').fill('A-07')
  await clerk.row('张*').getByRole('button').click()
  await phone.openMessage(/领取|取件/)
  await phone.tap(/待领取/)
  const pickup = await phone.read('.pickup-code')
  assert.match(pickup, /^\d{4} \d{4}$/)

  await clerk.go('/results')
  await clerk.page.fill('[name=code]', pickup)
  await clerk.press('查找')
  await clerk.page.check('[name=identity_checked]')
  await clerk.press(/交付|领取|发放/)
  await phone.openMessage(/评价/)
  await phone.choose(/^不满意/)
  await phone.app.getByRole('checkbox').first().click()
  await phone.tap('提交评价')
  await phone.sees('谢谢您的评价')
  await phone.sees(/前核实并答复/)
}))

async function choosePhoto(phone) {
  await phone.tap('拍照或上传')
  await phone.app.getByText('拍照或从相册选择').click()
}
