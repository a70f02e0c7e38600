// Unsharp mask: what a Gaussian blur takes away from an image, `amount` times, is added to it. The image is 8-bit,
// planar, of any number of channels; its border pixels are repeated outwards.
#include <heddle/heddle.h>

#include <cmath>

using namespace heddle;

class Unsharp : public Generator<Unsharp> {
public:
    // Of the Gaussian, which reaches three pixels to each side.
    GeneratorParam<float> sigma{"sigma", 1.5f, 0.1f, 10.0f};

    Input<Buffer<uint8_t, 3>> input{"input"};
    Input<float> amount{"amount"};
    Output<Buffer<uint8_t, 3>> output{"output"};

    void generate() {
        Var x("x"), y("y"), c("c");

        float weight[4], sum = 0;
        for (int i = 0; i <= 3; i++) {
            weight[i] = std::exp(-i * i / (2.0f * sigma * sigma));
            sum += i == 0 ? weight[i] : 2 * weight[i];
        }
        for (float &w : weight)
            w /= sum;

        Func padded = BoundaryConditions::repeat_edge(input);
        Func pixel("pixel"), blur_y("blur_y"), blur_x("blur_x");
        pixel(x, y, c) = cast<float>(padded(x, y, c));
        blur_y(x, y, c) = weight[0] * pixel(x, y, c) +
                          weight[1] * (pixel(x, y - 1, c) + pixel(x, y + 1, c)) +
                          weight[2] * (pixel(x, y - 2, c) + pixel(x, y + 2, c)) +
                          weight[3] * (pixel(x, y - 3, c) + pixel(x, y + 3, c));
        blur_x(x, y, c) = weight[0] * blur_y(x, y, c) +
                          weight[1] * (blur_y(x - 1, y, c) + blur_y(x + 1, y, c)) +
                          weight[2] * (blur_y(x - 2, y, c) + blur_y(x + 2, y, c)) +
                          weight[3] * (blur_y(x - 3, y, c) + blur_y(x + 3, y, c));
        Expr sharpened = pixel(x, y, c) + amount * (pixel(x, y, c) - blur_x(x, y, c));
        output(x, y, c) = cast<uint8_t>(clamp(sharpened + 0.5f, 0.0f, 255.0f));
    }
};
HEDDLE_REGISTER_GENERATOR(Unsharp, unsharp)
