// with_sequelize.mjs - the programs written with Sequelize. It puts values into the text of what it
// reads; what it writes is prepared by the server.
import {DataTypes, Op, Sequelize} from 'sequelize'

const define = db => {
  const options = {timestamps: false, underscored: true}
  const Customer = db.define('customer', {name: DataTypes.STRING}, options)
  const Order = db.define('order', {day: DataTypes.INTEGER}, options)
  const Line = db.define('order_line', {product: DataTypes.STRING}, options)
  const Product = db.define('product', {sku: DataTypes.STRING}, options)
  const Event = db.define('event', {kind: DataTypes.STRING, body: DataTypes.STRING}, options)
  Order.belongsTo(Customer)
  Order.hasMany(Line)
  Line.belongsTo(Order)
  return {Customer, Order, Line, Product, Event}
}

export const open = ({dialect, address, sessions = 1}) => {
  const db = new Sequelize({
    dialect, logging: false, pool: {max: sessions, min: sessions, idle: 60000},
    host: address.host, port: address.port, username: address.user, database: address.database,
    dialectOptions: dialect === 'mysql' ? {socketPath: address.socketPath} : {application_name: address.application}
  })
  const {Customer, Order, Line, Product, Event} = define(db)
  return {
    close: () => db.close(),
    alone: work => db.transaction(transaction => work({transaction})),
    async lazy(n, options = {}) {
      for (const order of await Order.findAll({order: ['id'], limit: n, ...options})) await order.getCustomer(options)
    },
    async lazyOfDay(day) {
      for (const order of await Order.findAll({where: {day}})) await order.getCustomer()
    },
    async lazyAtOnce(n) {
      await Promise.all((await Order.findAll({order: ['id'], limit: n})).map(order => order.getCustomer()))
    },
    async lazyTwice(n) {
      for (const order of await Order.findAll({order: ['id'], limit: n})) {
        await order.getCustomer()
        await order.getOrder_lines()
      }
    },
    joined: n => Order.findAll({order: ['id'], limit: n, include: Customer}),
    listed: n => Order.findAll({order: ['id'], limit: n, include: {model: Line, separate: true}}),
    byOffset: (page, size) => Event.findAll({order: ['id'], limit: size, offset: page * size}),
    async byKey(last, size) {
      const rows = await Event.findAll({where: {id: {[Op.gt]: last}}, order: ['id'], limit: size})
      return rows.at(-1).id
    },
    product: sku => Product.findOne({where: {sku}}),
    write: (n, options = {}) => Event.create({kind: 'import', body: `row ${n}`}, options),
    writeAll: rows => Event.bulkCreate(rows.map(n => ({kind: 'import', body: `row ${n}`})))
  }
}
