/* transports.c - the table of transports; see transport.h. */
#include "input/transport.h"

/* In the order in which they are named to people; of two that explain a log equally well the first
 * is taken, so that whoever asks little of a line comes last. */
const transport *const transport_registry[] = {
    &transport_syslog, &transport_journal, &transport_docker, &transport_cri,
    &transport_google, &transport_azure,   &transport_cnpg,   &transport_members,
    &transport_label,  &transport_logplex, &transport_stamp,  NULL,
};
