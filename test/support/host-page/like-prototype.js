/** What Prototype.js 1.7.3 does to the globals that matter here, for machines without its Debian package. */
Array.from = (iterable) => (iterable && 'toArray' in Object(iterable) ? iterable.toArray() : [...iterable])
const enumerable = {
  entries() {
    return [...this]
  },
  toJSON() {
    return `[${this.join(', ')}]`
  },
}
Object.assign(Array.prototype, enumerable)
const methods = {
  update(content) {
    this.innerHTML = content
    return this
  },
  remove() {
    this.parentNode?.removeChild(this)
    return this
  },
}
Object.assign(HTMLElement.prototype, methods)
