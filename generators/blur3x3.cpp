// The 3×3 box blur of 16-bit images, as two passes of three. It reads two rows and two columns more than it writes;
// the caller owns the border. Sums are 16-bit: pixels stay below 65536 / 3.
#include <heddle/heddle.h>

using namespace heddle;

class Blur3x3 : public Generator<Blur3x3> {
public:
    Input<Buffer<uint16_t, 2>> input{"input"};
    Output<Buffer<uint16_t, 2>> output{"output"};

    void generate() {
        Var x("x"), y("y");
        Func blur_x("blur_x");
        blur_x(x, y) = (input(x, y) + input(x + 1, y) + input(x + 2, y)) / 3;
        output(x, y) = (blur_x(x, y) + blur_x(x, y + 1) + blur_x(x, y + 2)) / 3;
    }
};
HEDDLE_REGISTER_GENERATOR(Blur3x3, blur3x3)
