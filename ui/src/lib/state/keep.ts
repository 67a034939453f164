// A text that outlives the window, which is made anew each time it is opened. Nothing secret goes here.

export interface Keep {
  read(): string | null;
  write(text: string | null): void;
}

export function keepIn(storage: Storage, key: string): Keep {
  return {
    read: () => storage.getItem(key),
    write: (text) => (text === null ? storage.removeItem(key) : storage.setItem(key, text)),
  };
}
