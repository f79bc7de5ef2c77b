/* The floor: trains one network as fast as a processor lets a person write it in C. The sizes come from the compiler's
   command line, and step.h, which c_source.py writes, holds the tiles of this network's products.

   Usage: floor X Y PARAMETERS. X and Y are raw float32; PARAMETERS holds each layer's weights, row by row, and biases.
   Requests on standard input, in native byte order: int32 steps, then steps × BATCH int32 rows, answered by two doubles, the
   sum of the costs and the seconds it took; a count of zero asks for the parameters instead. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef float vector __attribute__((vector_size(4 * LANES)));
typedef int32_t integers __attribute__((vector_size(4 * LANES)));
#define LINES (INPUTS * 4 / 64)
#define ALIGNED __attribute__((aligned(64)))
#define TILE static inline __attribute__((always_inline)) void

static inline vector load(const float *from) { return *(const vector *)from; }
static inline void store(float *to, vector values) { *(vector *)to = values; }
static inline vector all(float value) { return value - (vector){}; }

static inline vector pick(integers mask, vector yes, vector no) {
    return (vector)((mask & (integers)yes) | (~mask & (integers)no));
}

/* exp(x) = 2^n · exp(r) with |r| <= ln 2 / 2, the latter by its Taylor series, whose error there is below a float's. */
static inline __attribute__((always_inline)) vector exponential(vector x) {
    x = pick(x > 87.0f, all(87.0f), pick(x < -87.0f, all(-87.0f), x));
    vector n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
    vector r = x - n * 0.693359375f + n * 2.12194440e-4f;
    vector p = r * (1.0f / 5040) + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    integers exponent = (__builtin_convertvector(n, integers) + 127) << 23;
    return p * (vector)exponent;
}

static inline vector sigmoid(vector z) { return 1.0f / (1.0f + exponential(-z)); }

static inline float sum(vector values) {
    float lanes[LANES];
    memcpy(lanes, &values, sizeof lanes);
    for (int width = LANES / 2; width; width /= 2)
        for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
    return lanes[0];
}

static const float *rows[BATCH], *next[BATCH], *targets[BATCH];

/* Ask for some cache lines of the next batch while this one is computed: its rows lie anywhere in main memory. */
static inline void prefetch(long from, long to) {
    for (long line = from; line < to && line < BATCH * LINES; line++)
        __builtin_prefetch((const char *)next[line / LINES] + line % LINES * 64, 0, 3);
}

#include "step.h"

static const float *map(const char *path, size_t *bytes) {
    int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status)) {
        perror(path);
        exit(1);
    }
    *bytes = (size_t)status.st_size;
    void *mapped = mmap(NULL, *bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (mapped == MAP_FAILED) {
        perror(path);
        exit(1);
    }
    return mapped;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void write_all(const void *values, size_t size, size_t count) {
    if (fwrite(values, size, count, stdout) != count || fflush(stdout)) exit(1);
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
#ifdef __SSE__
    /* Numbers below the normal ones, of which late gradients are full, cost a hundred cycles each: take them as zero. */
    __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#endif
    size_t bytes;
    const float *parameters = map(arguments[3], &bytes);
    read_parameters(parameters);
    const float *y = map(arguments[2], &bytes);
    size_t examples = bytes / (4 * OUTPUTS);
    const float *x = map(arguments[1], &bytes);
    /* What pads the outputs is ½, the sigmoid of 0, so that it has no error and learns nothing. */
    float *padded = aligned_alloc(64, examples * OUTPUT_ROW * 4);
    for (size_t i = 0; i < examples * OUTPUT_ROW; i++) padded[i] = 0.5f;
    for (size_t i = 0; i < examples; i++) memcpy(padded + i * OUTPUT_ROW, y + i * OUTPUTS, 4 * OUTPUTS);

    int32_t steps;
    while (fread(&steps, sizeof steps, 1, stdin) == 1) {
        if (steps == 0) {
            static float out[PARAMETERS];
            write_parameters(out);
            write_all(out, 4, PARAMETERS);
            continue;
        }
        size_t length = (size_t)steps * BATCH;
        int32_t *order = malloc(4 * length);
        if (fread(order, 4, length, stdin) != length) return 1;
        double total = 0, started = seconds();
        for (size_t at = 0; at < length; at += BATCH) {
            for (size_t i = 0; i < BATCH; i++) {
                rows[i] = x + (size_t)order[at + i] * INPUTS;
                targets[i] = padded + (size_t)order[at + i] * OUTPUT_ROW;
                next[i] = x + (size_t)order[at + BATCH < length ? at + BATCH + i : i] * INPUTS;
            }
            float cost = step();
            if (!isfinite(cost)) return 3;
            total += cost;
        }
        double answer[2] = {total / 2, seconds() - started};
        write_all(answer, sizeof *answer, 2);
        free(order);
    }
    return 0;
}
