// What TypeDoc has to know of this workspace to make the site of it (typedoc.json): modules are packages, a README is its
// package's page, one docstring speaks for all overloads of a function, and the members of a socket are grouped as the page of
// all calls groups them.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  Comment,
  CommentTag,
  Converter,
  DefaultTheme,
  MinimalSourceFile,
  ReferenceReflection,
  ReflectionKind,
} from 'typedoc';

const { Class, Module, SomeSignature } = ReflectionKind;
const SCOPE = '@bsd-sockets/';
const SUBPATH = /(?<=^@[\w-]+\/[\w-]+)\/\w+$/;
const CONSTANTS = '@bsd-sockets/core-native/constants';
const HEADING = /^# (.*)\n/;

export function load({ converter, renderer }) {
  renderer.defineTheme('packages', PackagesTheme);
  // Before TypeDoc's own listeners, which move what a docstring says of parameters to these.
  converter.on(
    Converter.EVENT_RESOLVE_BEGIN,
    (context) => {
      const { project } = context;
      for (const document of project.documents ?? []) describeGuide(document);
      for (const module of project.getReflectionsByKind(Module)) describeModule(module, context);
      for (const signature of project.getReflectionsByKind(SomeSignature)) nameParameters(signature);
      for (const socket of project.getReflectionsByKind(Class)) {
        if (/^(Base)?Socket$/.test(socket.name)) groupMembers(socket);
      }
      leaveOutReexportedConstants(project);
    },
    1000,
  );
  // After them: the first page has its name already.
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => cutHeading(project.readme), -1000);
  // Last of all: the modules have their groups.
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => project.groups.forEach(putBesidePackage), -1000);
  // A docstring may link to an exported name of another package that its file does not import.
  converter.addUnknownSymbolResolver(({ symbolReference }, { project }, link) => {
    const name = symbolReference?.path?.map(({ path }) => path).join('.');
    const target = project.children
      .flatMap(({ children = [] }) => children)
      .find((child) => child.name === name && !(child instanceof ReferenceReflection));
    return link && target && { target };
  });
}

/** In the sidebar a package has its name without the scope that all have. */
class PackagesTheme extends DefaultTheme {
  buildNavigation(project) {
    const withoutScope = (element) => ({
      ...element,
      text: element.text.startsWith(SCOPE) ? element.text.slice(SCOPE.length) : element.text,
      children: element.children?.map(withoutScope),
    });
    return super.buildNavigation(project).map(withoutScope);
  }
}

/** Puts the other modules of a package, such as that of promises, behind its first. */
function putBesidePackage({ children }) {
  for (const module of children.filter(({ name }) => SUBPATH.test(name))) {
    children.splice(children.indexOf(module), 1);
    children.splice(children.findIndex(({ name }) => name === module.name.replace(SUBPATH, '')) + 1, 0, module);
  }
}

/** Which task each call is for: the headings of the page of all calls, and the names in the first column below them. */
const tasks = new Map(
  readFileSync(new URL('../docs/calls.md', import.meta.url), 'utf8')
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const [heading] = section.split('\n', 1);
      const cells = Array.from(section.matchAll(/^\| (.*?) \|/gm), ([, cell]) => cell);
      return cells.flatMap((cell) => Array.from(cell.matchAll(/`(?:Socket\.)?(\w+)/g), ([, name]) => [name, heading]));
    }),
);

/** Puts each member of a socket into the group of its task. */
function groupMembers(socket) {
  for (const member of socket.children ?? []) {
    const task = tasks.get(member.name);
    if (!task) continue;
    member.comment ??= new Comment();
    member.comment.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: task }]));
  }
}

/** Gives a guide the name in its first line. */
function describeGuide(document) {
  document.name = document.content[0].text.match(HEADING)[1];
  document.frontmatter.group = 'Guides';
  const { files } = document.project;
  const path = files.getReflectionPath(document);
  if (path.endsWith('/README.md')) files.registerReflectionPath(dirname(path), document);
}

/** The site has a heading of its own above a README. */
function cutHeading(readme) {
  readme[0].text = readme[0].text.replace(HEADING, '');
}

/** Names a module as one imports it, and makes its package's README its page. */
function describeModule(module, { converter, project }) {
  const { fileName } = project.getSymbolIdFromReflection(module);
  const folder = fileName.slice(0, fileName.indexOf('/src/'));
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const subpath = relative(folder, fileName).match(/^src\/(?:generated\/)?(promises|constants|kcd|signals)/)?.[1];
  module.name = subpath ? `${name}/${subpath}` : name;
  const readme = join(folder, 'README.md');
  const text = subpath
    ? `Part of [\`${name}\`](README.md), whose page says how to use it.\n`
    : readFileSync(readme, 'utf8');
  module.readme = converter.parseRawComment(new MinimalSourceFile(text, readme), project.files).content;
  if (subpath) return;
  cutHeading(module.readme);
  for (const path of [readme, dirname(readme)]) project.files.registerReflectionPath(path, module);
}

/** Gives each overload the docstring of the first, and to a list of arguments what is said of each. */
function nameParameters(signature) {
  const [first] = signature.parent.signatures ?? [];
  if (!signature.comment && first?.comment) signature.comment = first.comment.clone();
  const { comment, parameters = [] } = signature;
  if (!comment) return;
  const rest = parameters.find(({ flags }) => flags.isRest);
  const isOfOther = (tag) => tag.tag === '@param' && !parameters.some(({ name }) => name === tag.name);
  const others = comment.blockTags.filter(isOfOther);
  comment.blockTags = comment.blockTags.filter((tag) => !isOfOther(tag));
  if (!rest || others.length === 0) return;
  const content = others.flatMap((tag) => [{ kind: 'text', text: `\n- \`${tag.name}\`: ` }, ...tag.content]);
  const tag = new CommentTag('@param', Comment.cloneDisplayParts(content));
  tag.name = rest.name;
  comment.blockTags.push(tag);
}

/** The constants have a module of their own; the pages of those that export them again would be lists of nothing else. */
function leaveOutReexportedConstants(project) {
  const constants = project.children.find(({ name }) => name === CONSTANTS);
  for (const reflection of Object.values(project.reflections)) {
    if (reflection instanceof ReferenceReflection && reflection.tryGetTargetReflectionDeep()?.parent === constants) {
      project.removeReflection(reflection);
    }
  }
}
