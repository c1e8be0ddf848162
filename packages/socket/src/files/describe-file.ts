/** What is told of a file. */
interface Described {
  readonly closed: boolean;
  readonly name: number;
  readonly mode: string;
  readonly encoding?: string;
}

/** What Python's `repr` says of a file, such as `<TextIOWrapper name=3 mode='r' encoding='utf-8'>`. */
export function describeFile(file: Described): string {
  const { closed, name, mode, encoding } = file;
  const text = encoding === undefined ? '' : ` encoding='${encoding}'`;
  return `<${file.constructor.name} ${closed ? '[closed] ' : ''}name=${name} mode='${mode}'${text}>`;
}
