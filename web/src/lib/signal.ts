/** A value that tells when it changes. */
export class Signal<T> {
  private listeners = new Set<(value: T) => void>();

  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set value(next: T) {
    if (Object.is(next, this.current)) return;
    this.current = next;
    this.tell();
  }

  /** For objects that were changed in place. */
  tell(): void {
    for (const listener of [...this.listeners]) listener(this.current);
  }

  /** Calls at every change; returns how to stop. */
  on(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls now and at every change. */
  now(listener: (value: T) => void): () => void {
    listener(this.current);
    return this.on(listener);
  }
}
