// programs.mjs - what the programs do, once for each way of writing them, and what must be found of it:
// all that is not named must not be.
//
// An expectation: kind; children, what each of the burst's statements begins with, and parent; runs,
// the bursts; rounds, those of each; confidence, where the log's clock tells milliseconds and where it
// tells seconds; calls and least, how many there were and must be found where pieces are all that can be;
// rests, how often a program rests on purpose.
import {setTimeout as rest} from 'node:timers/promises'

const range = n => Array.from({length: n}, (_, i) => i)
const times = async (n, work) => {
  for (const i of range(n)) await work(i)
}
// Requests come with rests between them, in ms: longer ones than there are within a loop.
export const REST = 120
const requests = async (list, work) => {
  for (const one of list) {
    await work(one)
    await rest(REST)
  }
}

const customers = /^SELECT .* FROM customers\b.* WHERE .*\bid (= \?|IN \(\?\))$/
const lines = /^SELECT .* FROM order_lines\b.* WHERE .*\border_id (= \?|IN \(\?\))$/
const firstOrders = /^SELECT .* FROM orders\b.* ORDER BY .* LIMIT \?$/
const ordersOfDay = /^SELECT .* FROM orders\b.* WHERE .*\bday = \?$/
const product = /^SELECT .* FROM products\b.* WHERE .*\bsku = \?/
const insert = /^INSERT INTO events\b/

const loops = rounds => ({runs: rounds.length, rounds})
const certainOrLikely = {fine: 'certain', coarse: 'likely'}
const likely = {fine: 'likely', coarse: 'likely'}

export const cases = [
  {
    name: 'lazy loading',
    rests: 3,
    run: app => requests([25, 30, 35], n => app.lazy(n)),
    found: [{kind: 'n-plus-one', children: [customers], parent: firstOrders, ...loops([25, 30, 35]), confidence: certainOrLikely}]
  },
  {
    name: 'lazy loading of a parent without LIMIT',
    rests: 3,
    run: app => requests([3, 5, 8], day => app.lazyOfDay(day)),
    found: [{kind: 'n-plus-one', children: [customers], parent: ordersOfDay, ...loops([20, 20, 20]), confidence: likely}]
  },
  {
    name: 'lazy loading of two relations',
    rests: 3,
    run: app => requests([25, 30, 35], n => app.lazyTwice(n)),
    found: [{kind: 'n-plus-one', children: [customers, lines], parent: firstOrders, ...loops([25, 30, 35]), confidence: certainOrLikely}]
  },
  {
    name: 'lazy loading at once',
    rests: 3,
    run: app => requests([25, 30, 35], n => app.lazyAtOnce(n)),
    found: [{kind: 'n-plus-one', children: [customers], parent: firstOrders, ...loops([25, 30, 35]), confidence: certainOrLikely}]
  },
  {
    name: 'pages by offset',
    run: app => times(60, page => app.byOffset(page * 10, 100)),
    found: [{kind: 'offset-pagination'}]
  },
  {name: 'eager loading with a join', run: app => times(40, i => app.joined(10 + i)), found: []},
  {name: 'eager loading with a list of keys', run: app => times(40, i => app.listed(10 + i)), found: []},
  {
    name: 'pages by key',
    async run(app) {
      let last = 0
      await times(80, async () => { last = await app.byKey(last, 50) })
    },
    found: []
  },
  {
    name: 'hot lookup',
    rests: 3,
    run: app => requests([60, 60, 60], n => times(n, () => app.product('sku-7'))),
    found: [{kind: 'repeated-query', children: [product], ...loops([60, 60, 60]), confidence: certainOrLikely}]
  },
  {
    name: 'import row by row',
    rests: 3,
    rests: 3,
  run: app => requests([100, 100, 100], n => times(n, i => app.write(i))),
    found: [{kind: 'row-by-row-writes', children: [insert], ...loops([100, 100, 100]), confidence: certainOrLikely}]
  },
  {name: 'import at once', rests: 3, run: app => requests([100, 100, 100], n => app.writeAll(range(n))), found: []},
  {
    name: 'ordinary requests',
    rests: 12,
    run: app => requests(range(12), async i => {
      await app.product(`sku-${i}`)
      await app.listed(10)
      await app.write(i)
    }),
    found: []
  }
]

// Several requests at a time, each with a session of the pool to itself.
export const pooled = {
  name: 'lazy loading in transactions of a pool',
  sessions: 4,
  run: app => Promise.all(range(12).map(i => app.alone(options => app.lazy(20 + i, options)))),
  found: [{
    kind: 'n-plus-one', children: [customers], parent: firstOrders, ...loops(range(12).map(i => 20 + i)),
    confidence: certainOrLikely, sessions: 4
  }]
}

// Several requests at a time, each statement on whatever session is free: what belongs together cannot
// be told, but that children are read one by one can.
export const scattered = {
  name: 'lazy loading all over a pool',
  sessions: 4,
  rests: 3,
  run: app => requests([1, 2, 3], () => Promise.all(range(4).map(() => app.lazy(40)))),
  found: [{kind: 'n-plus-one', children: [customers], calls: 480, least: 240}]
}

// Behind a pooler that shares two sessions between programs with names of their own: most bursts are split.
export const shared = {
  name: 'lazy loading behind a pooler',
  rests: 3,
  run: (...apps) => requests([1, 2, 3], () => Promise.all(apps.map(app => app.lazy(40)))),
  found: [{kind: 'n-plus-one', children: [customers], calls: 480, least: 96, shared: true}]
}

export const hidden = {name: 'below the threshold', rests: 3, run: cases[0].run, found: []}
