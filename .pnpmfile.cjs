// What a release says of where this project lives. No manifest holds it: each packed one is given it here.
const { env } = require('node:process');

module.exports = {
  hooks: {
    beforePacking(manifest, folder) {
      const repository = env.BSD_SOCKETS_REPOSITORY;
      if (!repository) return manifest;
      const directory = folder.slice(__dirname.length + 1);
      return {
        ...manifest,
        repository: { type: 'git', url: `git+${repository}.git`, directory },
        homepage: `${repository}/tree/main/${directory}#readme`,
        bugs: `${repository}/issues`,
      };
    },
  },
};
