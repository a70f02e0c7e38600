#include <heddle/heddle.h>

using namespace heddle;

class Smooth : public Generator<Smooth> {
public:
    GeneratorParam<int> taps{"taps", 3};
    Input<Buffer<int32_t, 1>> input{"input"};
    Output<Buffer<int32_t, 1>> output{"output"};

    void generate() {
        Var x("x");
        Func doubled("doubled");
        doubled(x) = input(x) * 2;
        Expr sum = 0;
        for (int i = 0; i < taps; i++)
            sum += doubled(x + i);
        output(x) = sum;
    }
};
HEDDLE_REGISTER_GENERATOR(Smooth, smooth)
