import { library } from '../../tsup.base';

export default library({ entry: { bundle: 'src/bundle.ts' } });
