// One star, from the code at the window to the end: counted, looked into, put right, answered, reopened once, closed.
// The board moves each time. Once as most people see it, once in English and in large letters.

import { must } from './eyes.mjs'
import { Browser } from './phone.mjs'
import { LARGE, play, SMALL } from './scene.mjs'
import { speaking, t } from './words.mjs'

const WINDOW = '综合窗口 9 号'
const KIND = '社会保障'
const READERS = [
  { locale: 'zh-CN', elder: false, words: '排队太久，没有人解释。' },
  { locale: 'en', elder: true, words: '没人说得清该填哪张表。' },
]

/** What a supervisor sees of bad ratings, and what everybody is told. */
class Board {
  constructor(desk, scene) {
    this.desk = desk
    this.scene = scene
  }

  async open() {
    await this.desk.page.goto(`${this.scene.base}/console/board`)
    const tile = this.desk.page.locator('.tile', { hasText: t('console.board.kind.rectifications') })
    return Number(await tile.locator('strong').innerText())
  }

  async told() {
    // How they were is told in batches; how many there are, at once.
    return (await (await fetch(`${this.scene.base}/api/v1/ratings/figures`)).json()).number
  }

  async stands(open, when) {
    const found = await this.open()
    must(found === open, `${when}: the board says ${found} open, not ${open}`)
  }
}

await play('one-star', async (scene) => {
  const clerk = await scene.desk('clerk1')
  const manager = await scene.desk('manager1')
  const supervisor = await scene.desk('supervisor1')
  for (const reader of READERS) await oneStar(scene, { clerk, manager, board: new Board(supervisor, scene) }, reader)
})

async function oneStar(scene, { clerk, manager, board }, { locale, elder, words }) {
  const says = speaking(locale)
  const [open, told] = [await board.open(), await board.told()]

  scene.say(`one star at the window, without WeChat and without a login (${locale})`)
  const code = await served(scene, clerk)
  const page = await scene.page(`rater-${locale}`, SMALL, { isMobile: true, hasTouch: true, locale })
  if (elder) await page.addInitScript(() => location.protocol.startsWith('http') && localStorage.setItem('onetrip..elder', 'true'))
  const rater = new Browser(page, scene.eyes)
  const see = (name) => (locale === 'zh-CN' ? rater.see(name) : rater.quiet())
  await page.goto(code)
  await rater.sees(says('ratings.how'))
  if (elder) await large(page, '.level, .strong')
  await rater.tap(says('ratings.level.very_dissatisfied'), 'radio', { exact: true })
  await page.getByRole('checkbox').filter({ visible: true }).first().check()
  await rater.write(says('ratings.words'), words)
  await see('rating')
  await rater.tap(says('ratings.send'))
  await rater.sees(says('ratings.thanks'))
  await rater.sees(says('ratings.scan_again'))
  await see('thanks')
  const now = await board.told()
  must(now === told + 1, 'the star was not counted at once')
  await board.stands(open + 1, 'given')

  scene.say('looked into, put right and answered; whoever scanned reads the answer')
  await manager.page.goto(`${scene.base}/console/rectifications`)
  await manager.page.locator('article', { hasText: words }).getByText(t('console.rectifications.left', { days: 7 })).waitFor()
  await work(scene, manager, words, '已增开一个窗口。')
  await board.stands(open, 'answered')
  await page.goto(code)
  await rater.sees('已增开一个窗口。')
  if (elder) await large(page, '.answer-words, .button')
  await see('answer')

  scene.say('not content: once more, and the clock begins again')
  await rater.tap(says('ratings.answer.reopen'), 'button', { exact: true })
  await rater.write(says('ratings.answer.why'), `${words}!`)
  await rater.tap(says('ratings.answer.send'), 'button', { exact: true })
  await rater.sees(new RegExp(says('ratings.answer.again', { day: '\u0000' }).split('\u0000')[0]))
  await see('reopened')
  await board.stands(open + 1, 'reopened')
  await work(scene, manager, words, '已书面道歉，并公示办事流程。')
  await board.stands(open, 'answered again')

  scene.say('content: closed, and nothing more to reopen')
  await page.goto('about:blank')
  await page.goto(code)
  await rater.sees('已书面道歉，并公示办事流程。')
  must(await page.getByRole('button', { name: says('ratings.answer.reopen'), exact: true }).count() === 0, 'reopened a second time')
  await rater.tap(says('ratings.answer.agree'), 'button', { exact: true })
  await rater.sees(says('ratings.answer.agreed'))
  await see('closed')
  await board.stands(open, 'closed')
  const last = await board.told()
  must(last === now, 'a bad rating that was answered still counts')
}

/** Somebody without a phone takes a number and is served; gives what the second screen's code opens. */
async function served(scene, clerk) {
  await clerk.tab(t('console.tab.reception'))
  await clerk.page.getByRole('link', { name: KIND }).click()
  await clerk.settled()
  await clerk.page.getByRole('button', { name: t('console.reception.give'), exact: true }).click()
  await clerk.page.locator('.card.big .number').waitFor()
  await clerk.tab(t('console.tab.queue'))
  await clerk.page.locator('select[name=window]').selectOption({ label: WINDOW })
  await clerk.settled()
  const second = await clerk.page.getByRole('link', { name: t('console.queue.second') }).evaluate((link) => link.href)
  for (const deed of ['next', 'start', 'finish']) {
    await clerk.press(t(`console.queue.${deed}`))
    await clerk.settled()
  }
  await clerk.page.getByRole('button', { name: t('console.queue.next') }).waitFor()
  await clerk.page.goto(second)
  const code = await clerk.code()
  await clerk.page.goto(`${scene.base}/console`)
  return code
}

/** The manager does what a bad rating obliges to, deed by deed. */
async function work(scene, manager, words, answer) {
  await manager.page.goto(`${scene.base}/console/rectifications`)
  await manager.page.locator('article', { hasText: words }).getByRole('link').first().click()
  await manager.sees(t('console.rectifications.deeds'))
  const { page } = manager
  await page.locator('[name=finding]').fill('查了当天的取号记录，属实。')
  await manager.press(t('console.rectifications.founded'))
  await page.locator('[name=measures]').fill('午间不停办，增开窗口。')
  await manager.press(t('console.rectifications.rectify_send'))
  await page.locator('[name=words]').first().fill(answer)
  await manager.press(t('console.rectifications.answer_send'))
  await page.locator('blockquote', { hasText: answer }).waitFor()
  await manager.see('answered')
}

/** Letters and what is tapped are as large as elder mode promises. */
async function large(page, what) {
  const small = await page.locator(what).filter({ visible: true }).evaluateAll((all) => all
    .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 18).map((one) => one.textContent.trim()))
  must(small.length === 0, `too small to read: ${small.join(', ')}`)
}
