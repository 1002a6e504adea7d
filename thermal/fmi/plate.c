/* A reduced cold plate as a co-simulation unit of FMI 2.0; needs libc and libm, nothing else.
 *
 * Each step of length STEP: x <- decay x + drive u, y = read x + through u, in rises over the first inlet temperature,
 * u the heat of each block [W] and the rise of the inlet [K]. The matrices of a step stand on an even grid of ln flow
 * and are linear between; outputs are the highest of the points that compete for them. As thermal.components.plate.reduced
 * marches it, in the same order of sums.
 */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coefficients.h"

#define INPUTS (BLOCKS + 1)  /* of the state space */
#define FLOW BLOCKS          /* value references: heat of each block, flow, inlet, outputs */
#define INLET (BLOCKS + 1)
#define FIRST_OUTPUT (BLOCKS + 2)

typedef enum { fmi2OK, fmi2Warning, fmi2Discard, fmi2Error, fmi2Fatal, fmi2Pending } fmi2Status;
typedef void *fmi2Component;
typedef void *fmi2FMUstate;
typedef const char *fmi2String;
typedef unsigned int fmi2ValueReference;
typedef double fmi2Real;
typedef int fmi2Integer;
typedef int fmi2Boolean;
typedef char fmi2Byte;
typedef void (*Logger)(void *, fmi2String, fmi2Status, fmi2String, fmi2String, ...);
typedef struct {
    Logger logger;
    void *(*allocate)(size_t, size_t);
    void (*release)(void *);
    void (*finished)(void *, fmi2Status);
    void *environment;
} fmi2CallbackFunctions;

typedef struct {
    double x[STATES], given[BLOCKS + 2], y[OUTPUTS], reference, time;
    int begun;
} State;
typedef struct {
    State now;
    Logger logger;
    void *environment;
    char name[256];
} Unit;

static fmi2Status fail(Unit *unit, const char *text, double value)
{
    char message[512];
    snprintf(message, sizeof message, text, value);
    if (unit->logger)
        unit->logger(unit->environment, unit->name, fmi2Error, "logStatusError", message);
    return fmi2Error;
}

static void begin(State *now)
{
    memset(now, 0, sizeof *now);
    memcpy(now->given, given_at_start, sizeof now->given);
}

static void step(State *now)
{
    double u[INPUTS], next[STATES], y[POINTS];
    double place = (log(now->given[FLOW]) - table_start) / table_spacing;
    place = place < 0.0 ? 0.0 : place > FLOWS - 1.0 ? FLOWS - 1.0 : place;
    int below = (int)place < FLOWS - 2 ? (int)place : FLOWS - 2;
    double upper = place - below;
    for (int j = 0; j < BLOCKS; j++)
        u[j] = now->given[j];
    u[BLOCKS] = now->given[INLET] - now->reference;
    for (int i = 0; i < STATES; i++) {
        const double *low = table[below][i], *high = table[below + 1][i];
        double total = 0.0;
        for (int j = 0; j < STATES; j++)
            total += ((1.0 - upper) * low[j] + upper * high[j]) * now->x[j];
        for (int j = 0; j < INPUTS; j++)
            total += ((1.0 - upper) * low[STATES + j] + upper * high[STATES + j]) * u[j];
        next[i] = total;
    }
    memcpy(now->x, next, sizeof next);
    for (int k = 0; k < POINTS; k++) {
        double total = 0.0;
        for (int j = 0; j < STATES; j++)
            total += read_out[k][j] * now->x[j];
        for (int j = 0; j < INPUTS; j++)
            total += through[k][j] * u[j];
        y[k] = total;
    }
    for (int o = 0; o < OUTPUTS; o++) {
        double highest = y[first[o]];
        for (int k = first[o] + 1; k < (o + 1 < OUTPUTS ? first[o + 1] : POINTS); k++)
            highest = y[k] > highest ? y[k] : highest;
        now->y[o] = now->reference + highest;
    }
}

fmi2Status fmi2DoStep(fmi2Component c, fmi2Real time, fmi2Real length, fmi2Boolean no_return)
{
    Unit *unit = c;
    State *now = &unit->now;
    double steps = floor(length / STEP + 0.5);
    (void)no_return;
    if (!(steps >= 1.0 && fabs(length - steps * STEP) <= 1e-6 * STEP))
        return fail(unit, "a step of %g s: this unit takes whole multiples of " STEP_TEXT " s; export it for others", length);
    if (now->begun && !(fabs(time - now->time) <= 1e-6 * STEP))
        return fail(unit, "a step from %g s on, where the last one did not end: restore a state first", time);
    if (!(now->given[FLOW] >= flow_low * (1.0 - 1e-9) && now->given[FLOW] <= flow_high * (1.0 + 1e-9)))
        return fail(unit, "flow = %g m3/s is outside the reduced plate's " RANGE_TEXT " m3/s", now->given[FLOW]);
    if (!(fabs(now->given[INLET]) <= 1000.0))
        return fail(unit, "T_in = %g degC is no temperature of a coolant", now->given[INLET]);
    for (int b = 0; b < BLOCKS; b++)
        if (!(now->given[b] >= 0.0 && now->given[b] < 1e9))
            return fail(unit, "heat of a block = %g W must be a number from zero on", now->given[b]);
    if (!now->begun)
        now->reference = now->given[INLET];
    now->begun = 1;
    for (double k = 0.0; k < steps; k += 1.0)
        step(now);
    now->time = time + length;
    return fmi2OK;
}

fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real value[])
{
    Unit *unit = c;
    const State *now = &unit->now;
    for (size_t i = 0; i < n; i++) {
        if (vr[i] >= FIRST_OUTPUT + OUTPUTS)
            return fail(unit, "value reference %g is none of this unit", vr[i]);
        if (vr[i] < FIRST_OUTPUT)
            value[i] = now->given[vr[i]];
        else  /* before the first step all is as warm as the inlet */
            value[i] = now->begun ? now->y[vr[i] - FIRST_OUTPUT] : now->given[INLET];
    }
    return fmi2OK;
}

fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real value[])
{
    Unit *unit = c;
    for (size_t i = 0; i < n; i++) {
        if (vr[i] >= FIRST_OUTPUT)
            return fail(unit, "value reference %g is no input of this unit", vr[i]);
        unit->now.given[vr[i]] = value[i];
    }
    return fmi2OK;
}

fmi2Component fmi2Instantiate(fmi2String name, int type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *functions, fmi2Boolean visible, fmi2Boolean logging)
{
    Unit *unit = type == 1 && guid && !strcmp(guid, TOKEN) ? calloc(1, sizeof *unit) : NULL;
    (void)resources, (void)visible, (void)logging;
    if (unit) {
        unit->logger = functions ? functions->logger : NULL;
        unit->environment = functions ? functions->environment : NULL;
        snprintf(unit->name, sizeof unit->name, "%s", name ? name : "");
        begin(&unit->now);
    }
    return unit;
}

void fmi2FreeInstance(fmi2Component c) { free(c); }

fmi2Status fmi2Reset(fmi2Component c)
{
    begin(&((Unit *)c)->now);
    return fmi2OK;
}

fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *state)
{
    if (!*state && !(*state = malloc(sizeof(State))))
        return fail(c, "no memory for a state of %g bytes", sizeof(State));
    memcpy(*state, &((Unit *)c)->now, sizeof(State));
    return fmi2OK;
}

fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate state)
{
    memcpy(&((Unit *)c)->now, state, sizeof(State));
    return fmi2OK;
}

fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *state)
{
    (void)c;
    free(*state);
    *state = NULL;
    return fmi2OK;
}

fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate state, size_t *size)
{
    (void)c, (void)state;
    *size = sizeof(State);
    return fmi2OK;
}

fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate state, fmi2Byte bytes[], size_t size)
{
    if (size < sizeof(State))
        return fail(c, "%g bytes are too few for a state", (double)size);
    memcpy(bytes, state, sizeof(State));
    return fmi2OK;
}

fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte bytes[], size_t size, fmi2FMUstate *state)
{
    if (size != sizeof(State))
        return fail(c, "%g bytes are no state of this unit", (double)size);
    if (!*state && !(*state = malloc(sizeof(State))))
        return fail(c, "no memory for a state of %g bytes", sizeof(State));
    memcpy(*state, bytes, sizeof(State));
    return fmi2OK;
}

/* What a unit must have and this one has no use for. */
const char *fmi2GetTypesPlatform(void) { return "default"; }
const char *fmi2GetVersion(void) { return "2.0"; }
#define NOTHING(name, ...) \
    fmi2Status name(__VA_ARGS__) { return fmi2OK; }
#define REFUSED(name, ...) \
    fmi2Status name(__VA_ARGS__) { return n ? fmi2Error : fmi2OK; }
NOTHING(fmi2SetDebugLogging, fmi2Component c, fmi2Boolean on, size_t n, const fmi2String names[])
NOTHING(fmi2SetupExperiment, fmi2Component c, fmi2Boolean with, fmi2Real t, fmi2Real start, fmi2Boolean ends, fmi2Real stop)
NOTHING(fmi2EnterInitializationMode, fmi2Component c)
NOTHING(fmi2ExitInitializationMode, fmi2Component c)
NOTHING(fmi2Terminate, fmi2Component c)
REFUSED(fmi2GetInteger, fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Integer value[])
REFUSED(fmi2GetBoolean, fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Boolean value[])
REFUSED(fmi2GetString, fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2String value[])
REFUSED(fmi2SetInteger, fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Integer value[])
REFUSED(fmi2SetBoolean, fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Boolean value[])
REFUSED(fmi2SetString, fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2String value[])
REFUSED(fmi2GetDirectionalDerivative, fmi2Component c, const fmi2ValueReference z[], size_t n,
        const fmi2ValueReference v[], size_t m, const fmi2Real dv[], fmi2Real dz[])
REFUSED(fmi2SetRealInputDerivatives, fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Integer order[],
        const fmi2Real value[])
REFUSED(fmi2GetRealOutputDerivatives, fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Integer order[],
        fmi2Real value[])
fmi2Status fmi2CancelStep(fmi2Component c) { (void)c; return fmi2Error; }
fmi2Status fmi2GetStatus(fmi2Component c, int kind, fmi2Status *value) { (void)c, (void)kind, (void)value; return fmi2Discard; }
fmi2Status fmi2GetRealStatus(fmi2Component c, int kind, fmi2Real *value) { (void)c, (void)kind, (void)value; return fmi2Discard; }
fmi2Status fmi2GetIntegerStatus(fmi2Component c, int kind, fmi2Integer *value) { (void)c, (void)kind, (void)value; return fmi2Discard; }
fmi2Status fmi2GetBooleanStatus(fmi2Component c, int kind, fmi2Boolean *value) { (void)c, (void)kind, (void)value; return fmi2Discard; }
fmi2Status fmi2GetStringStatus(fmi2Component c, int kind, fmi2String *value) { (void)c, (void)kind, (void)value; return fmi2Discard; }
