import { FRAMEWORKS } from './applications.ts';
import { describeMatrix, describeModes } from './lock-matrix.ts';

for (const framework of FRAMEWORKS) {
  describeMatrix(framework);
  describeModes(framework);
}
