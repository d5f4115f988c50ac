// Finds the stable codes of thrown problems in the syntax of the source, through templates, unions and parameters.
import ts from 'typescript';

/** One place that throws a problem. */
export type Throw = { kind: string; status: string; code: string; says: string; file: string };

const statuses: Record<string, number> = {
  Invalid: 400,
  Forbidden: 403,
  NotFound: 404,
  Conflict: 409,
  Stale: 412,
  Unavailable: 503,
  Limited: 429,
};
// Makes the problems that no throw of ours stands behind: what Fastify and Nest refuse, and 500.
const edge = 'libs/platform/src/http/problem.ts';

type Argument = ts.Expression | undefined;
type Order = { kind: string; status: Argument; code: Argument; text: Argument };

/** Every throw in `sources`, by path. A part of a code that the source does not tell is `<name>`. */
export function throwsIn(sources: Map<string, string>): Throw[] {
  const files = [...sources].map(([path, text]) => ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true));
  const unions = new Map(files.flatMap((file) => unionsOf(file)));
  return files.flatMap((file) => {
    const reader = new CodeReader(file, unions);
    return ordersIn(file).flatMap((order) => reader.throwsOf(order));
  });
}

function ordersIn(file: ts.SourceFile): Order[] {
  const orders: Order[] = [];
  walk(file, (node) => {
    if (ts.isNewExpression(node)) {
      const kind = node.expression.getText();
      const [first, second, third] = node.arguments ?? [];
      if (kind in statuses) orders.push({ kind, status: undefined, code: first, text: second });
      if (kind === 'EdgeError') orders.push({ kind, status: first, code: second, text: third });
    }
    if (file.fileName !== edge) return;
    const isProblem = ts.isCallExpression(node) && node.expression.getText() === 'problem';
    const parts = isProblem ? node.arguments : ts.isArrayLiteralExpression(node) ? node.elements : [];
    const [status, code, text] = parts;
    if (status && ts.isNumericLiteral(status)) orders.push({ kind: 'EdgeError', status, code, text });
  });
  return orders;
}

class CodeReader {
  private readonly file: ts.SourceFile;
  private readonly unions: Map<string, string[]>;

  constructor(file: ts.SourceFile, unions: Map<string, string[]>) {
    this.file = file;
    this.unions = unions;
  }

  throwsOf(order: Order): Throw[] {
    return this.atCallers(order).flatMap(({ kind, status, code, text }) =>
      (code ? this.valuesOf(code) : []).map((value) => ({
        kind,
        status: status ? status.getText() : String(statuses[kind]),
        code: value,
        says: text ? textOf(text) : '',
        file: this.file.fileName,
      })),
    );
  }

  // `throw new Invalid(code, text)` in a function of (code, text): the callers' arguments say what it is.
  private atCallers(order: Order): Order[] {
    const called = order.code && ts.isIdentifier(order.code) ? functionWith(order.code) : undefined;
    if (!called) return [order];
    const names = called.parameters.map((parameter) => parameter.name.getText());
    const given = (argument: Argument, call: ts.CallExpression): Argument => {
      const index = argument && ts.isIdentifier(argument) ? names.indexOf(argument.text) : -1;
      return index < 0 ? argument : call.arguments[index];
    };
    const calls = callsOf(nameOf(called), this.file).map((call) => ({
      ...order,
      code: given(order.code, call),
      text: given(order.text, call),
    }));
    return calls.length > 0 ? calls : [order];
  }

  private valuesOf(node: ts.Expression): string[] {
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isConditionalExpression(node)) return [...this.valuesOf(node.whenTrue), ...this.valuesOf(node.whenFalse)];
    if (ts.isTemplateExpression(node))
      return node.templateSpans.reduce(
        (starts, { expression, literal }) =>
          starts.flatMap((start) => this.valuesOf(expression).map((value) => start + value + literal.text)),
        [node.head.text],
      );
    const name = lastName(node);
    const values = new Set(ts.isElementAccessExpression(node) ? this.valuesIn(name) : this.valuesOfName(name));
    return values.size > 0 ? [...values] : [`<${name}>`];
  }

  // `codes[kind]`: whichever of the literals in the file's constant.
  private valuesIn(constant: string): string[] {
    const values: string[] = [];
    walk(this.file, (node) => {
      if (ts.isVariableDeclaration(node) && node.name.getText() === constant && node.initializer)
        walk(node.initializer, (inner) => {
          if (ts.isPropertyAssignment(inner)) values.push(...this.valuesOf(inner.initializer));
        });
    });
    return values;
  }

  // What the file says of a name: a union that it is declared with, or the literals that are given to it.
  private valuesOfName(name: string): string[] {
    const values: string[] = [];
    walk(this.file, (node) => {
      const isDeclared = ts.isParameter(node) || ts.isPropertySignature(node) || ts.isPropertyDeclaration(node);
      if (isDeclared && node.name.getText() === name && node.type)
        values.push(...(this.unions.get(node.type.getText()) ?? []));
      const isGiven = ts.isPropertyAssignment(node) && node.name.getText() === name;
      if (isGiven && ts.isStringLiteralLike(node.initializer)) values.push(node.initializer.text);
    });
    return values;
  }
}

/** Type aliases that are unions of texts, written out or as `(typeof list)[number]`. */
function unionsOf(file: ts.SourceFile): [string, string[]][] {
  const lists = new Map<string, string[]>();
  const unions: [string, string[]][] = [];
  walk(file, (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isAsExpression(node.initializer)) {
      const list = node.initializer.expression;
      if (ts.isArrayLiteralExpression(list))
        lists.set(
          node.name.getText(),
          list.elements.filter(ts.isStringLiteralLike).map(({ text }) => text),
        );
    }
    if (!ts.isTypeAliasDeclaration(node)) return;
    const [, list = ''] = /^\(typeof (\w+)\)\[number\]$/.exec(node.type.getText()) ?? [];
    const parts = ts.isUnionTypeNode(node.type) ? node.type.types : [];
    const texts = parts.flatMap((part) =>
      ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal) ? part.literal.text : [],
    );
    const values = lists.get(list) ?? (texts.length === parts.length ? texts : []);
    if (values.length > 0) unions.push([node.name.text, values]);
  });
  return unions;
}

type Function = ts.FunctionDeclaration | ts.ArrowFunction | ts.MethodDeclaration;

function functionWith(parameter: ts.Identifier): Function | undefined {
  const found = ts.findAncestor(parameter, (node) => {
    const isFunction = ts.isFunctionDeclaration(node) || ts.isArrowFunction(node) || ts.isMethodDeclaration(node);
    return isFunction && node.parameters.some(({ name }) => name.getText() === parameter.text);
  });
  return found as Function | undefined;
}

const nameOf = (called: Function): string =>
  called.name?.getText() ?? (ts.isVariableDeclaration(called.parent) ? called.parent.name.getText() : '');

function callsOf(name: string, file: ts.SourceFile): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  walk(file, (node) => {
    if (name !== '' && ts.isCallExpression(node) && lastName(node.expression) === name) calls.push(node);
  });
  return calls;
}

/** A message as it is written, `<name>` for what is put into it. */
function textOf(node: ts.Expression): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return `<${lastName(node)}>`;
  const spans = node.templateSpans.map(({ expression, literal }) => `<${lastName(expression)}>${literal.text}`);
  return node.head.text + spans.join('');
}

function lastName(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  const given = listIn(node);
  if (given) return lastName(given);
  const first = node.getChildren().find((child) => ts.isExpression(child));
  return first && !ts.isLiteralExpression(first) ? lastName(first as ts.Expression) : '…';
}

// `x.join(…)` and `Object.values(x)` are told by what `x` is called.
function listIn(node: ts.Expression): ts.Expression | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression: owner, name } = node.expression;
  if (name.text === 'join') return owner;
  return owner.getText() === 'Object' ? node.arguments[0] : undefined;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}
